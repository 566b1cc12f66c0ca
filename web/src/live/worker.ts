/// <reference lib="webworker" />
import { Engine } from './engine.js'
import type { Frame, FromWorker, ToWorker } from './protocol.js'
import type { Socket, SocketEvents } from './session.js'

declare const self: DedicatedWorkerGlobalScope

/** The browser's WebSocket as the session knows it. */
function connect(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url)
  socket.onopen = () => events.opened()
  socket.onmessage = (event: MessageEvent<string>) => events.received(event.data)
  socket.onclose = (event) => events.closed(event.code, event.reason)
  return { send: (text) => socket.send(text), close: () => socket.close() }
}

async function get(apiUrl: string, token: string, path: string): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return await response.json()
}

const engine = new Engine({
  connect,
  get,
  nowMs: () => Date.now(),
  fraction: () => Math.random(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  soon: (run) => queueMicrotask(run),
  post: (frame: Frame) => self.postMessage({ type: 'frame', frame } satisfies FromWorker),
})

self.onmessage = (event: MessageEvent<ToWorker>) => engine.handle(event.data)
self.addEventListener('online', () => engine.handle({ type: 'retry' }))
