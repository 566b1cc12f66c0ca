import { ControlError } from '../core/errors.js'

/** What a server accepts in Host and Origin. A browser that was lured to it by another name is refused, on loopback too. */
export interface Guard {
  /** Throws `origin_refused`. */
  check(headers: { readonly host?: string | undefined; readonly origin?: string | undefined }): void
}

export interface GuardOptions {
  readonly scheme: 'http' | 'https'
  /** Address that the server listens on. */
  readonly host: string
  readonly port: number
  /** Further names: `leader` (this port) or `leader:443`. */
  readonly allowedHosts: readonly string[]
  /** Further origins that may call, exact. */
  readonly corsOrigins: readonly string[]
}

/** Until the port is known. */
export const refuseAll: Guard = {
  check: () => {
    throw new ControlError('unavailable', 'The server is starting.')
  },
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

export function createGuard(options: GuardOptions): Guard {
  const hosts = new Set<string>()
  for (const name of ['127.0.0.1', 'localhost', '[::1]', ...ownName(options.host), ...options.allowedHosts]) {
    for (const host of spellings(name, options)) hosts.add(host.toLowerCase())
  }
  const origins = new Set([...hosts].map((host) => `${options.scheme}://${host}`).concat(options.corsOrigins))
  return {
    check({ host, origin }) {
      if (host === undefined || !hosts.has(host.toLowerCase())) {
        throw new ControlError(
          'origin_refused',
          `This server is not reached under the name ${JSON.stringify(host ?? '')}; allow it with --allow-host.`,
        )
      }
      // Only browsers send Origin; a request without one carries its own credential or gets nothing.
      if (origin !== undefined && !origins.has(origin)) {
        throw new ControlError(
          'origin_refused',
          `Pages of ${JSON.stringify(origin)} may not call this server; allow them with --cors.`,
        )
      }
    },
  }
}

const ownName = (host: string): readonly string[] =>
  wildcards.has(host) ? [] : [host.includes(':') ? `[${host}]` : host]

/** A name with its port, and without it where a browser leaves the port out. */
function spellings(name: string, { scheme, port }: GuardOptions): readonly string[] {
  const full = /:\d+$/.test(name.replace(/^\[.*\]/, '')) ? name : `${name}:${port}`
  const omitted = scheme === 'https' ? ':443' : ':80'
  return full.endsWith(omitted) ? [full, full.slice(0, -omitted.length)] : [full]
}
