import type { LogEvent } from '../event.js'
import { credentialIdOf } from '../ids.js'
import type { Credential } from './access.js'

export function evolveCredential(
  credential: Credential | undefined,
  event: LogEvent,
): Credential | undefined {
  switch (event.type) {
    case 'CredentialIssued':
      return {
        kind: 'credential',
        credentialId: credentialIdOf(event.entity.id),
        credentialKind: event.body.credentialKind,
        hash: event.body.hash,
        userId: event.body.userId,
        role: event.body.role,
        createdAtMs: event.atMs,
        expiresAtMs: event.body.expiresAtMs,
        revoked: false,
        seq: event.seq,
      }
    case 'CredentialExtended':
      if (credential === undefined) return undefined
      return { ...credential, expiresAtMs: event.body.expiresAtMs, seq: event.seq }
    case 'CredentialRevoked':
      if (credential === undefined) return undefined
      return { ...credential, revoked: true, seq: event.seq }
    default:
      return credential
  }
}
