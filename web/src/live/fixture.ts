import type { Alert, Line, Receipt, Task, Worker } from './protocol.js'
import type { SessionPorts, SocketEvents } from './session.js'

/** Entities and a world of fakes for this room's tests. */

export const aTask = (taskId: string, change: Partial<Task> = {}): Task => ({
  taskId,
  type: 'command',
  name: `task ${taskId}`,
  project: 'default',
  priority: 5,
  payload: { command: ['true'] },
  requirements: {
    accountIdx: null,
    workerId: null,
    timeout: 0,
    labels: {},
    capabilities: [],
    gpus: 0,
    slots: 1,
    memoryBytes: 0,
  },
  runAt: null,
  delayMs: null,
  dependsOn: [],
  dependsMode: 'succeeded',
  tags: [],
  concurrencyKey: null,
  capacity: null,
  queueTimeoutMs: 0,
  totalTimeoutMs: 0,
  stallAfterMs: 0,
  retry: { attemptsMax: 1, on: [], backoffMs: 0 },
  leaseClass: 'steady',
  onDisconnect: 'keep',
  idempotencyKey: null,
  origin: null,
  status: 'pending',
  phase: 'queued',
  workerId: null,
  agentId: null,
  attempt: 1,
  fence: null,
  pid: null,
  progress: null,
  stall: null,
  waitReason: null,
  result: null,
  error: null,
  createdAt: 1_000,
  startedAt: null,
  completedAt: null,
  leaseUntil: null,
  effects: null,
  attempts: [],
  ...change,
})

export const running = (taskId: string, change: Partial<Task> = {}): Task =>
  aTask(taskId, {
    status: 'running',
    phase: 'running',
    workerId: 'master-1',
    agentId: 'master-1/p1',
    ...change,
  })

export const aWorker = (workerId: string, change: Partial<Worker> = {}): Worker => ({
  workerId,
  url: null,
  status: 'online',
  schedulable: true,
  hold: null,
  os: 'linux',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 1e9,
  gpus: [],
  labels: {},
  projectTypes: [],
  maxAgents: 10,
  busyAgents: 0,
  rttMs: 1,
  registeredAt: 1_000,
  lastSeenAt: 1_000,
  metrics: null,
  agents: [],
  host: 'here',
  version: '0.0.0',
  ...change,
})

export const anAlert = (alertId: string, change: Partial<Alert> = {}): Alert => ({
  alertId,
  priority: 2,
  handling: null,
  returnedAt: null,
  level: 'warning',
  kind: 'stall',
  message: 'it is silent',
  state: 'raised',
  taskId: 't1',
  nodeId: 'master-1',
  evidence: null,
  raisedAt: 1_000,
  changedAt: 1_000,
  seq: 1,
  ...change,
})

export const aLine = (
  taskId: string,
  n: number,
  text = `line ${n}`,
  level: 'info' | 'error' = 'info',
): Line => ({
  taskId,
  attempt: 1,
  fence: 1,
  n,
  at: 1_000 + n,
  nodeId: 'master-1',
  stream: 'out',
  level,
  text,
})

export const aReceipt = (commandId: string, state: Receipt['state'], steps = 1): Receipt => ({
  commandId,
  taskId: 't1',
  action: 'pause',
  state,
  steps: Array.from({ length: steps }, (_, index) => ({ state, at: 1_000 + index, detail: '' })),
})

/** One scripted socket: what the session sent, and the server's side of it. */
export interface FakeSocket {
  readonly url: string
  readonly sent: Record<string, unknown>[]
  readonly events: SocketEvents
  closed: boolean
}

/** Time, chance and sockets that stand still until the test moves them. */
export class FakeWorld implements SessionPorts {
  readonly sockets: FakeSocket[] = []
  chance = 0.5
  #nowMs = 10_000
  #timers: { readonly atMs: number; readonly run: () => void }[] = []

  connect(url: string, events: SocketEvents) {
    const socket: FakeSocket = { url, sent: [], events, closed: false }
    this.sockets.push(socket)
    return {
      send: (text: string) => socket.sent.push(JSON.parse(text) as Record<string, unknown>),
      close: () => {
        socket.closed = true
      },
    }
  }

  nowMs(): number {
    return this.#nowMs
  }

  fraction(): number {
    return this.chance
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  /** Moves the clock; timers run in order, each at its own time. */
  pass(ms: number): void {
    const until = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#nowMs = due.atMs
      due.run()
    }
    this.#nowMs = until
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }

  /** The server speaks. */
  say(message: object): void {
    this.socket.events.received(JSON.stringify(message))
  }

  /** The server takes the newest socket's token. */
  accept(seq = 5, logId = 'log'): void {
    this.socket.events.opened()
    this.say({ type: 'AUTH_OK', logId, term: 1, seq, user: 'admin', role: 'admin' })
  }

  /** The pictures that a fresh subscription is owed. */
  picture(topic: string, items: readonly object[] = [], seq = 5, more: object = {}): void {
    this.say({ type: 'SNAPSHOT', topic, logId: 'log', term: 1, seq, items, ...more })
  }
}
