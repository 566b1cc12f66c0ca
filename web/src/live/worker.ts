/// <reference lib="webworker" />
import { Engine } from './engine.js'
import type { Frame, FromWorker, ToWorker } from './protocol.js'
import { RestError, refusalOf } from './rest.js'
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

async function call(apiUrl: string, token: string, path: string): Promise<Response> {
  const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } }).catch(
    () => {
      throw new RestError('unreachable', 'The leader does not answer.')
    },
  )
  if (!response.ok) throw await refusalOf(response)
  return response
}

const engine = new Engine({
  connect,
  get: async (apiUrl, token, path) => (await call(apiUrl, token, path)).json(),
  lines: async (apiUrl, token, path) => {
    const text = await (await call(apiUrl, token, path)).text()
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
  },
  loadReplay: () => import('./replay.js'),
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
