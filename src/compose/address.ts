import { isIPv4 } from 'node:net'
import { z } from 'zod'

/** Where a server listens or is reached. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** `HOST:PORT`, an IPv6 host in brackets → Address; null when it is neither. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) return null
  return { host, port }
}

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** True for addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

export const addressSchema: z.ZodType<Address> = z.unknown().transform((value, context) => {
  const address = typeof value === 'string' ? parseAddress(value) : null
  if (address === null) {
    context.issues.push({
      code: 'custom',
      message: 'give HOST:PORT, for example 127.0.0.1:8100',
      input: value,
    })
    return z.NEVER
  }
  return address
})
