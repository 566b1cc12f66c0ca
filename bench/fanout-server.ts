import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { systemClock } from '../src/adapters/clock/system-clock.js'
import { utf8Text } from '../src/adapters/text/utf8-text.js'
import { createHttpServer } from '../src/http/server.js'
import { Hub } from '../src/hub/hub.js'
import type { HubMessage } from '../src/hub/message.js'
import type { ControlPlane } from '../src/ports/control-plane.js'
import type { Log } from '../src/ports/log.js'
import { eventsPerFrame } from './fanout.js'

/** Sends one frame to every socket. */
type Send = () => void

/** Answers a SUBSCRIBE, so that the other side knows when all of them hear. */
const subscribed = JSON.stringify({ type: 'SNAPSHOT', topic: 'tasks', items: [] })
const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
let seq = 0

function nextEvents(): readonly HubMessage[] {
  return Array.from({ length: eventsPerFrame }, () => {
    seq += 1
    const taskId = `t${seq.toString(32)}`
    const task = { taskId, status: 'running', phase: 'running', workerId: 'master-1', attempt: 1, fence: seq }
    const json = JSON.stringify({
      type: 'TASK_UPDATE',
      task: { ...task, name: `task number ${seq}`, pid: seq },
      seq,
    })
    return { topics: ['tasks', `tasks:${taskId}`], key: `task:${taskId}`, json }
  })
}

/** The product's hub behind the product's endpoint; only what feeds it is the bench's. */
async function listenOurs(): Promise<{ readonly port: number; readonly send: Send }> {
  const hub = new Hub({ clock: systemClock, text: utf8Text })
  const plane: Pick<ControlPlane, 'authenticate' | 'openWall'> = {
    authenticate: () => ({ kind: 'user', id: 'bench', role: 'admin' }),
    openWall: (_caller, sink, options) => {
      const seat = hub.seat(sink, { frames: options.frames })
      return {
        subscribe: (topics) => {
          seat.setTopics(new Set(topics))
          seat.flow.direct(subscribed)
        },
        unsubscribe: () => {},
        ack: (acked) => seat.flow.acked(acked),
        chat: () => {},
        command: () => {},
        drained: () => hub.drained(seat.flow),
        closed: () => seat.leave(),
      }
    },
  }
  const server = createHttpServer({
    // Nothing else of the plane is reached over a wall's socket.
    plane: plane as ControlPlane,
    log: quiet,
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  const port = await server.listen('127.0.0.1', 0)
  const send = () => {
    hub.publish(nextEvents(), seq)
    hub.flush()
  }
  return { port, send }
}

async function listenReference(): Promise<{ readonly port: number; readonly send: Send }> {
  const http = createServer().listen(0, '127.0.0.1')
  const walls = new WebSocketServer({ server: http, perMessageDeflate: false })
  walls.on('connection', (socket) => {
    socket.on('message', (data) => {
      if (String(data).includes('SUBSCRIBE')) socket.send(subscribed)
    })
  })
  await once(http, 'listening')
  const send = () => {
    const from = seq
    const messages = nextEvents().map((event) => event.json)
    const frame = Buffer.from(
      `{"type":"FRAME","from":${from},"to":${seq},"messages":[${messages.join(',')}]}`,
    )
    for (const socket of walls.clients) socket.send(frame, { binary: false, compress: false })
  }
  return { port: (http.address() as AddressInfo).port, send }
}

const listening = process.argv[2] === 'ours' ? listenOurs() : listenReference()

process.on('message', async (message: { readonly do: string; readonly frames: number }) => {
  const { port, send } = await listening
  if (message.do === 'listen') return process.send?.({ port })
  for (let sent = 0; sent < message.frames; sent += 1) {
    send()
    // The sockets write between two frames, as they do between two turns of the leader.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.send?.({ sent: message.frames })
})
