import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../src/adapters/clock/system-clock.js'
import { utf8Text } from '../src/adapters/text/utf8-text.js'
import { limits } from '../src/core/limits.js'
import { createHttpServer } from '../src/http/server.js'
import { Hub } from '../src/hub/hub.js'
import type { HubMessage } from '../src/hub/message.js'
import type { ControlPlane } from '../src/ports/control-plane.js'
import type { Log } from '../src/ports/log.js'
import { type FleetSize, WebFleet } from './web-fleet.js'

/** Changes a second of each kind. */
export interface Rates {
  readonly nodesPerS: number
  readonly tasksPerS: number
  readonly linesPerS: number
}

export type Order =
  | { readonly do: 'listen'; readonly fleet: FleetSize }
  | { readonly do: 'run'; readonly rates: Rates }
  /** Ends the run; answers how many changes were published. */
  | { readonly do: 'rest' }
  /** Publishes each task once: what a wall hears that was open while they came. */
  | { readonly do: 'tell_tasks' }

const wallDir = fileURLToPath(new URL('../../../dist/wall/', import.meta.url))
const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
/** How often due changes are made; the hub's frames are shorter. */
const stepMs = 10
/** Lines that come together, as a program's output does. */
const linesPerChunk = 10

const hub = new Hub({ clock: systemClock, text: utf8Text })
let fleet = new WebFleet({ masters: 1, agentsEach: 0, tasks: 0 })

function picture(topic: string): string {
  const at = { logId: 'bench', term: 1, seq: fleet.seq }
  if (topic === 'nodes') return JSON.stringify({ type: 'SNAPSHOT', topic, ...at, items: fleet.workers })
  if (topic !== 'tasks') return JSON.stringify({ type: 'SNAPSHOT', topic, ...at, items: [] })
  const items = fleet.tasks.slice(-limits.wallSnapshotTasksMax)
  return JSON.stringify({ type: 'SNAPSHOT', topic, ...at, items, total: fleet.tasks.length })
}

/** The part of the leader that a page of the wall asks for; what feeds it is generated. */
const plane: Pick<
  ControlPlane,
  'authenticate' | 'openWall' | 'stats' | 'lines' | 'taskLines' | 'alerts' | 'ready'
> = {
  authenticate: () => ({ kind: 'user', id: 'bench', role: 'admin' }),
  ready: () => ({ ready: true, reasons: [] }),
  stats: async () => JSON.stringify({ leaderId: 'leader-1', term: 1, seq: fleet.seq, logId: 'bench' }),
  lines: async () => JSON.stringify({ lines: [], next: 0 }),
  taskLines: async () => JSON.stringify({ lines: [], next: 0 }),
  alerts: async () => JSON.stringify({ alerts: [] }),
  openWall: (_caller, sink, options) => {
    const seat = hub.seat(sink, { frames: options.frames })
    const heard = new Set<string>()
    seat.flow.direct(
      JSON.stringify({
        type: 'AUTH_OK',
        logId: 'bench',
        term: 1,
        seq: fleet.seq,
        user: 'bench',
        role: 'admin',
      }),
    )
    return {
      subscribe: (topics) => {
        for (const topic of topics) heard.add(topic)
        seat.setTopics(heard)
        for (const topic of topics) seat.flow.direct(picture(topic))
      },
      unsubscribe: (topics) => {
        for (const topic of topics) heard.delete(topic)
        seat.setTopics(heard)
      },
      ack: (acked) => {
        seat.flow.acked(acked)
        hub.drained(seat.flow)
      },
      chat: () => {},
      command: () => {},
      drained: () => hub.drained(seat.flow),
      closed: () => seat.leave(),
    }
  },
}

async function listen(size: FleetSize): Promise<number> {
  fleet = new WebFleet(size)
  const server = createHttpServer({
    // Nothing else of the plane is reached by the screens that are measured.
    plane: plane as ControlPlane,
    log: quiet,
    wallDir,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  return server.listen('127.0.0.1', 0)
}

let timer: NodeJS.Timeout | undefined
let sent = 0

/** Makes what is due of each kind; a step that comes late makes more, so that the rate holds. */
function run({ nodesPerS, tasksPerS, linesPerS }: Rates): void {
  const startedMs = performance.now()
  const made = { nodes: 0, tasks: 0, lines: 0 }
  sent = 0
  timer = setInterval(() => {
    const elapsedS = (performance.now() - startedMs) / 1_000
    const messages: HubMessage[] = []
    for (; made.nodes < elapsedS * nodesPerS; made.nodes += 1) messages.push(fleet.nodeChange())
    for (; made.tasks < elapsedS * tasksPerS; made.tasks += 1) messages.push(fleet.taskChange())
    for (; made.lines + linesPerChunk <= elapsedS * linesPerS; made.lines += linesPerChunk)
      messages.push(fleet.lines(linesPerChunk))
    sent = made.nodes + made.tasks + made.lines
    hub.publish(messages, fleet.seq)
  }, stepMs)
}

/** In portions, so that the sockets are written between them. */
async function tellTasks(): Promise<void> {
  for (let from = 0; from < fleet.tasks.length; from += 500) {
    const portion = fleet.tasks.slice(from, from + 500)
    hub.publish(
      portion.map((task) => fleet.taskMessage(task)),
      fleet.seq,
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

process.on('message', async (order: Order) => {
  switch (order.do) {
    case 'listen':
      process.send?.({ port: await listen(order.fleet) })
      break
    case 'run':
      run(order.rates)
      process.send?.({})
      break
    case 'rest':
      clearInterval(timer)
      process.send?.({ sent })
      break
    case 'tell_tasks':
      await tellTasks()
      process.send?.({})
      break
  }
})
await once(process, 'disconnect')
process.exit()
