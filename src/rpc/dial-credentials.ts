import { checkServerIdentity, createSecureContext } from 'node:tls'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { leaderServerName } from '../ports/certificates.js'

/**
 * Credentials of one dial: the pinned CA must have signed the leader's certificate, for the name that our own
 * certificates carry or for the address that was dialled. null = plain text.
 */
export function dialCredentials(caPem: string | null): (address: string) => ChannelCredentials {
  if (caPem === null) {
    const insecure = credentials.createInsecure()
    return () => insecure
  }
  const context = createSecureContext({ ca: caPem, minVersion: 'TLSv1.3' })
  return (address) =>
    credentials.createFromSecureContext(context, {
      checkServerIdentity: (_, certificate) =>
        checkServerIdentity(leaderServerName, certificate) === undefined
          ? undefined
          : checkServerIdentity(hostOf(address), certificate),
    })
}

/** "host:port", "[v6]:port" → host. */
const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
