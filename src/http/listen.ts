import type { AddressInfo } from 'node:net'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { App } from './app.js'

/** A server of ours: HTTP and what hangs on it. */
export interface HttpServer {
  /** Resolves with the port (0 took a free one). Rejects `invalid_configuration` when the address cannot be had. */
  listen(host: string, port: number): Promise<number>
  /** Takes nothing new; resolves when every connection is over, at the latest after limits.httpDrainMs and a moment. */
  close(): Promise<void>
}

/** Listens and calls `onPort` before the first request can be read. */
export async function listenOn(
  app: App,
  { host, port, onPort }: { host: string; port: number; onPort(port: number): void },
) {
  const portOf = (): number => (app.server.address() as AddressInfo).port
  app.server.once('listening', () => onPort(portOf()))
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    throw listenFailure(thrown, host, port)
  }
  return portOf()
}

/** Lets answers under way finish, then cuts what is left. */
export async function closeApp(app: App): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), limits.httpDrainMs)
  await app.close()
  clearTimeout(cut)
}

function listenFailure(thrown: unknown, host: string, port: number): ControlError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  const sentence =
    code === 'EADDRINUSE'
      ? `Port ${port} on ${host} is in use; choose another one, or 0 for a free one.`
      : code === 'EACCES'
        ? `Port ${port} on ${host} needs more rights than this process has; choose one above 1023.`
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? `${host} is not an address of this machine.`
          : null
  return sentence === null
    ? fromUnknown(thrown)
    : new ControlError('invalid_configuration', sentence, { cause: thrown })
}
