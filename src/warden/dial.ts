import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { limits } from '../core/limits.js'

/**
 * Reaches the warden behind a socket, starting one when none answers, again and again until the signal aborts. Rejects
 * with its reason.
 */
export async function dialWarden(path: string, launch: () => void, signal: AbortSignal): Promise<Socket> {
  let launchedMs = Number.NEGATIVE_INFINITY
  for (;;) {
    signal.throwIfAborted()
    const socket = await dial(path)
    if (socket !== null) return socket
    if (performance.now() - launchedMs > limits.wardenReadyMs) {
      launchedMs = performance.now()
      launch()
    }
    await wait(limits.wardenRetryMs)
  }
}

/** null when nobody listens. */
function dial(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(null))
  })
}
