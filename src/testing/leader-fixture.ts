import { CronerCalendar } from '../adapters/calendar/croner-calendar.js'
import { CelConditions } from '../adapters/conditions/cel-conditions.js'
import { toTaskSpec } from '../contract/catalogue.js'
import type { Task } from '../contract/task.js'
import { agentIdOf, asTaskId, fenceOf } from '../core/ids.js'
import type { Answer, HeldRun } from '../core/input.js'
import type { ReceiptAction } from '../core/receipts/receipt.js'
import { createLeader } from '../leader/leader.js'
import type { Leader } from '../leader/leader-options.js'
import type { Caller, WallOptions, WallSession } from '../ports/control-plane.js'
import type { DurableUpdate, LeaderCommand, NodeUpdate, Register } from '../ports/node-link.js'
import type { Random } from '../ports/random.js'
import type { Streams } from '../ports/streams.js'
import type { Text } from '../ports/text.js'
import { ManualClock } from './manual-clock.js'
import { MemoryCrashNotes } from './memory-crash-notes.js'
import { JournalDisk, MemoryJournal } from './memory-journal.js'
import { MemoryStreams, StreamsDisk } from './memory-streams.js'
import { MemoryViews, ViewsDisk } from './memory-views.js'
import { MemoryWorkBodies, WorkBodiesDisk } from './memory-work-bodies.js'
import { silentLog } from './silent-log.js'

export const admin: Caller = {
  principal: { kind: 'user', id: 'admin', role: 'admin' },
  via: 'rest',
  traceId: 'trace',
}

export const registerOf = (incarnation: number, changes: Partial<Register> = {}): Register => ({
  kind: 'register',
  incarnation,
  version: '1',
  capabilities: {
    os: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1,
    gpus: [],
    labels: {},
    projectTypes: ['command'],
    slots: 1,
    host: 'here',
  },
  inventory: [],
  agents: [
    {
      agentId: agentIdOf('master-1/p1'),
      kind: 'process',
      failed: false,
      windowId: null,
      accountIdx: null,
      createdAtMs: 0,
    },
  ],
  ackedUplinkSeq: 0,
  term: 0,
  commandSeq: 0,
  logId: '',
  url: null,
  ...changes,
})

export const durable = (uplinkSeq: number, update: DurableUpdate, incarnation = 1): NodeUpdate => ({
  kind: 'durable',
  incarnation,
  uplinkSeq,
  atMs: 0,
  update,
})

export const heldRun = (taskId: string, fence: number, changes: Partial<HeldRun> = {}): HeldRun => ({
  taskId: asTaskId(taskId),
  attempt: 1,
  fence: fenceOf(fence),
  state: 'running',
  pid: 7,
  outBytes: 0,
  errBytes: 0,
  ...changes,
})

const text: Text = {
  encode: (plain) => new TextEncoder().encode(plain),
  decode: (bytes) => new TextDecoder().decode(bytes),
}

/** Counts instead of guessing; a hash is the text itself. */
function countingRandom(): Random {
  let count = 0
  const next = (): string => {
    count += 1
    return String(count)
  }
  return { fraction: () => 0.5, hex: next, secret: next, sha256: (plain) => `hash of ${plain}` }
}

/** Takes the questions of chats. */
export type Asked = (...question: Parameters<Parameters<typeof createLeader>[0]['ask']>) => unknown

/** A real leader over in-memory stores and a clock moved by hand; the stores outlive it. */
export class LeaderFixture {
  readonly clock = new ManualClock()
  readonly disk = {
    journal: new JournalDisk({ clusterId: 'c', logId: 'l' }),
    views: new ViewsDisk(),
    streams: new StreamsDisk(),
    workBodies: new WorkBodiesDisk(),
    crashNotes: new MemoryCrashNotes(),
  }
  readonly random = countingRandom()
  /** How long the disk takes to sync a commit and to store lines; set after the start. */
  readonly delays = { commitMs: 0, linesMs: 0 }
  /** Why it ended by itself; an error of the test unless it may. */
  readonly ends: string[] = []
  mayEnd = false
  readonly #makeAsked: (leader: Leader, streams: Streams) => Asked
  #leader: Leader | null = null

  constructor(makeAsked: (leader: Leader, streams: Streams) => Asked = () => () => undefined) {
    this.#makeAsked = makeAsked
  }

  get leader(): Leader {
    if (this.#leader === null) throw new Error('the leader is not started')
    return this.#leader
  }

  /** Starts it; called again, the next leader on the same stores. */
  async start(): Promise<void> {
    await this.#leader?.stop()
    const { clock, delays } = this
    const streams = new MemoryStreams(this.disk.streams, { clock, delayMs: () => delays.linesMs })
    const fate = () => ({ writeMs: 0, syncMs: delays.commitMs, replyMs: 0, outcome: 'ok' as const })
    let asked: Asked = () => undefined
    const leader = await createLeader({
      leaderId: 'leader-1',
      version: '1',
      journal: new MemoryJournal(this.disk.journal, { clock, fate }),
      views: new MemoryViews(this.disk.views),
      streams,
      workBodies: new MemoryWorkBodies(this.disk.workBodies),
      clock,
      calendar: new CronerCalendar(),
      conditions: new CelConditions(),
      random: this.random,
      text,
      log: silentLog,
      crashNotes: this.disk.crashNotes,
      grpcAddress: () => '127.0.0.1:1',
      joinFile: '/join.json',
      callTool: async (_plane, { principal }, { tool }) => JSON.stringify(`${tool} for ${principal.id}`),
      ask: (caller, message) => {
        asked(caller, message)
      },
      onFatal: (reason, cause) => {
        this.ends.push(reason)
        if (!this.mayEnd) throw new Error(reason, { cause })
      },
    })
    asked = this.#makeAsked(leader, streams)
    this.#leader = leader
  }

  /** Lets everything that is under way come to rest, without moving time. */
  async rest(): Promise<void> {
    for (let round = 0; round < 30; round += 1) {
      this.clock.pass(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Time passes and what it brings comes to rest. */
  async pass(ms: number): Promise<void> {
    this.clock.pass(ms)
    await this.rest()
  }

  async connect(first: NodeUpdate, nodeId = 'master-1') {
    const commands: LeaderCommand[] = []
    const closed: string[] = []
    const session = this.leader.gateway.open({
      nodeId,
      address: 'test',
      send: (sent) => commands.push(...sent),
      close: (reason) => closed.push(reason),
    })
    const send = async (...updates: NodeUpdate[]) => {
      session.receive(updates, 100)
      await this.rest()
    }
    await send(first)
    const of = <K extends LeaderCommand['kind']>(kind: K) =>
      commands.filter((one): one is Extract<LeaderCommand, { kind: K }> => one.kind === kind)
    return { session, send, of, commands, closed }
  }

  /** A wall whose socket takes everything; `messages` has frames unpacked. */
  async wall(options: Partial<WallOptions> = {}) {
    const messages: Record<string, unknown>[] = []
    const session: WallSession = this.leader.plane.openWall(
      { ...admin, via: 'ws' },
      {
        send: (bytes) => {
          const message = JSON.parse(text.decode(bytes)) as Record<string, unknown>
          if (message.type === 'FRAME') messages.push(...(message.messages as Record<string, unknown>[]))
          else messages.push(message)
        },
        bufferedBytes: () => 0,
        close: () => undefined,
      },
      { frames: true, resume: null, ...options },
    )
    return { session, messages, of: (type: string) => messages.filter((message) => message.type === type) }
  }

  async submit(body: Record<string, unknown> = {}, key: string | null = null): Promise<string> {
    const answer = await this.settled(() => {
      const { spec, projectId } = toTaskSpec(
        { type: 'command', payload: { command: ['true'] }, ...body },
        key,
      )
      return this.leader.plane.execute(admin, { command: { name: 'submit_task', spec }, projectId })
    })
    return answer.kind === 'task' ? answer.taskId : ''
  }

  control(taskId: string, action: ReceiptAction): Promise<Answer> {
    const command = { name: 'control_task' as const, taskId: asTaskId(taskId), action, timeoutMs: null }
    return this.settled(() => this.leader.plane.execute(admin, { command, projectId: 'default' }))
  }

  async read(taskId: string): Promise<Task> {
    return JSON.parse(await this.leader.plane.task(admin, taskId)) as Task
  }

  /** Starts something and lets it come to rest before it is awaited. */
  async settled<T>(begin: () => Promise<T>): Promise<T> {
    const begun = begin()
    // Awaited below, when a refusal may be there already.
    begun.catch(() => undefined)
    await this.rest()
    return begun
  }
}
