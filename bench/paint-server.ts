import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import { fastify } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'

type Order = { readonly do: 'listen'; readonly template: object } | { readonly do: 'finish' }

const wallDir = fileURLToPath(new URL('../../../dist/wall/', import.meta.url))
const sockets = new Set<WebSocket>()
let template: object = {}
let seq = 1

/** The wall's files, REST that knows of nothing, and a bare socket that speaks as much of the protocol as the page needs. */
async function listen(): Promise<number> {
  const app = fastify()
  await app.register(fastifyStatic, { root: wallDir })
  app.get('/api/*', () => ({
    tasks: [],
    workers: [],
    alerts: [],
    lines: [],
    nextCursor: null,
    total: 0,
    next: 0,
  }))
  app.setNotFoundHandler((_request, reply) => reply.sendFile('index.html'))
  await app.listen({ host: '127.0.0.1', port: 0 })
  new WebSocketServer({ server: app.server, perMessageDeflate: false }).on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (data) => answer(socket, JSON.parse(String(data)) as Asked))
  })
  return (app.server.address() as AddressInfo).port
}

interface Asked {
  readonly type: string
  readonly topics?: readonly string[]
}

function answer(socket: WebSocket, asked: Asked): void {
  const at = { logId: 'bench', term: 1, seq }
  if (asked.type === 'AUTH')
    socket.send(JSON.stringify({ type: 'AUTH_OK', ...at, user: 'bench', role: 'admin' }))
  if (asked.type !== 'SUBSCRIBE') return
  for (const topic of asked.topics ?? [])
    socket.send(JSON.stringify({ type: 'SNAPSHOT', topic, ...at, items: [] }))
}

/** One frame with one message, written at once. */
function push(task: object): void {
  const from = seq
  seq += 1
  const message = { type: 'TASK_UPDATE', task, seq }
  const frame = JSON.stringify({ type: 'FRAME', from, to: seq, messages: [message] })
  for (const socket of sockets) socket.send(frame)
}

/** The same steps as a real task: it runs, and 50 ms later it is over. */
async function finish(): Promise<{ readonly taskId: string; readonly completedAt: number }> {
  const taskId = `t${(1_000_000 + seq).toString(32)}`
  const startedAt = Date.now()
  const task = { ...template, taskId, createdAt: startedAt, startedAt }
  push({ ...task, status: 'running', phase: 'running', completedAt: null })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const completedAt = Date.now()
  push({ ...task, status: 'completed', phase: 'succeeded', completedAt })
  return { taskId, completedAt }
}

process.on('message', async (order: Order) => {
  if (order.do === 'listen') {
    template = order.template
    process.send?.({ port: await listen() })
  } else {
    process.send?.(await finish())
  }
})
await once(process, 'disconnect')
process.exit()
