import type { Task } from '../../contract/task.js'
import type { Worker } from '../../contract/worker.js'
import type { Leader } from '../../leader/leader-options.js'
import type { Caller, WallSession } from '../../ports/control-plane.js'
import { Lane } from './lane.js'
import type { Fail } from './log-checker.js'
import type { Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import type { SimProcess } from './sim-process.js'
import { utf8Text } from './utf8-text.js'

const pictures = ['nodes', 'tasks', 'alerts', 'logs']

/** Who serves a wall now. */
export interface WallServer {
  readonly process: SimProcess
  readonly leader: Leader
}

interface LineView {
  readonly taskId: string
  readonly n: number
  readonly gap?: { readonly from: number; readonly to: number }
}

type WallMessage =
  | { readonly type: 'AUTH_OK'; readonly logId: string; readonly seq: number }
  | {
      readonly type: 'SNAPSHOT'
      readonly topic: string
      readonly seq: number
      readonly items: readonly unknown[]
      readonly resumed?: boolean
    }
  | {
      readonly type: 'FRAME'
      readonly from: number
      readonly to: number
      readonly messages: readonly WallMessage[]
    }
  | { readonly type: 'TASK_UPDATE'; readonly task: Task; readonly seq: number }
  | { readonly type: 'NODE_STATUS'; readonly node: Worker; readonly seq: number }
  | { readonly type: 'ALERT'; readonly alertId: string; readonly state: string; readonly seq: number }
  | { readonly type: 'LOG'; readonly lines: readonly LineView[] }
  | { readonly type: 'METRICS' | 'RECEIPT' | 'ERROR' | 'CHAT_RESPONSE' }

interface Versioned<Value> {
  readonly seq: number
  readonly value: Value
}

interface Session {
  readonly server: WallServer
  readonly wire: Lane
  /** null while it is being opened: its first messages come at once. */
  wall: WallSession | null
  readonly missing: Set<string>
  /** Where the last frame ended; null before the first. */
  frameTo: number | null
  bufferedBytes: number
  /** Last line that was seen of a task, in this session. */
  readonly lastLine: Map<string, number>
}

/** A wall: folds what it hears, newest version first, and resumes where it was after every cut. */
export class SimWall {
  readonly tasks = new Map<string, Versioned<Task>>()
  readonly nodes = new Map<string, Versioned<Worker>>()
  readonly alerts = new Map<string, Versioned<string>>()
  readonly #name: string
  readonly #clock: SimClock
  readonly #random: Seeded
  readonly #fail: Fail
  readonly #server: () => WallServer | null
  readonly #durableSeq: () => number
  #session: Session | null = null
  #resume: { readonly logId: string; readonly seq: number } | null = null
  #logId = ''
  #slow = false
  /** How much a byte counts in its socket: a narrow one is behind after a few messages. */
  readonly #weight: number

  constructor(options: {
    readonly name: string
    readonly clock: SimClock
    readonly random: Seeded
    readonly fail: Fail
    readonly server: () => WallServer | null
    readonly durableSeq: () => number
    /** How much a byte counts in a narrow socket: at most so much that its pictures still fit. */
    readonly narrowness: number
  }) {
    this.#name = options.name
    this.#clock = options.clock
    this.#random = options.random
    this.#fail = options.fail
    this.#server = options.server
    this.#durableSeq = options.durableSeq
    this.#weight = options.random.pick([1, 1, options.narrowness])
  }

  /** Seq up to which it knows everything. */
  get seenSeq(): number {
    return this.#resume?.seq ?? 0
  }

  get isLive(): boolean {
    return this.#session !== null && this.#session.missing.size === 0
  }

  connect(): void {
    const server = this.#server()
    if (this.#session !== null) return
    if (server === null || server.process.isDead || server.process.isFrozen) {
      this.#clock.after(100, () => this.connect())
      return
    }
    const caller: Caller = {
      principal: { kind: 'user', id: 'ann', role: 'admin' },
      via: 'ws',
      traceId: this.#name,
    }
    const sink = {
      send: (bytes: Uint8Array) => this.#receive(session, bytes),
      bufferedBytes: () => session.bufferedBytes * this.#weight,
      close: () => this.#clock.after(1, () => this.#dropped(session)),
    }
    const session: Session = {
      server,
      wire: new Lane(this.#clock, () => this.#random.between(0.1, 5)),
      wall: null,
      missing: new Set(pictures),
      frameTo: null,
      bufferedBytes: 0,
      lastLine: new Map(),
    }
    this.#session = session
    session.wire.setBlocked(this.#slow)
    session.wall = server.leader.plane.openWall(caller, sink, { frames: true, resume: this.#resume })
    this.#watch(session)
  }

  /** The socket breaks. */
  cut(): void {
    const session = this.#session
    if (session === null) return
    session.server.process.run(() => session.wall?.closed())
    this.#dropped(session)
  }

  /** While slow it takes nothing from the wire. */
  setSlow(slow: boolean): void {
    this.#slow = slow
    this.#session?.wire.setBlocked(slow)
  }

  /** A socket of a dead process is closed by its system. */
  #watch(session: Session): void {
    this.#clock.after(50, () => {
      if (this.#session !== session) return
      if (session.server.process.isDead || session.server !== this.#server()) this.cut()
      else this.#watch(session)
    })
  }

  #dropped(session: Session): void {
    if (this.#session !== session) return
    this.#session = null
    this.#clock.after(this.#random.between(10, 500), () => this.connect())
  }

  /** Bytes leave the leader here; they arrive in order. */
  #receive(session: Session, bytes: Uint8Array): void {
    if (session.server.process.isDead) return
    const message = JSON.parse(utf8Text.decode(bytes)) as WallMessage
    this.#checkReleased(message)
    session.bufferedBytes += bytes.length
    session.wire.push(() => {
      if (this.#session !== session) return
      session.bufferedBytes -= bytes.length
      this.#take(session, message)
      session.server.process.run(() => session.wall?.drained())
    })
  }

  /** G1: nothing that a wall hears may be ahead of what is durable. */
  #checkReleased(message: WallMessage): void {
    const durableSeq = this.#durableSeq()
    if (message.type === 'FRAME') {
      if (message.to > durableSeq) this.#fail('G1', `a frame to ${message.to} left, ${durableSeq} is durable`)
      for (const part of message.messages) this.#checkReleased(part)
    } else if ('seq' in message && message.seq > durableSeq) {
      this.#fail('G1', `${message.type} of seq ${message.seq} left while ${durableSeq} is durable`)
    }
  }

  #take(session: Session, message: WallMessage): void {
    switch (message.type) {
      case 'AUTH_OK':
        this.#logId = message.logId
        return
      case 'SNAPSHOT':
        this.#picture(session, message)
        return
      case 'FRAME':
        this.#frame(session, message)
        return
      case 'TASK_UPDATE':
        newest(this.tasks, message.task.taskId, message.seq, message.task)
        return
      case 'NODE_STATUS':
        newest(this.nodes, message.node.workerId, message.seq, message.node)
        return
      case 'ALERT':
        newest(this.alerts, message.alertId, message.seq, message.state)
        return
      case 'LOG':
        for (const line of message.lines) this.#line(session, line)
        return
      default:
        return
    }
  }

  #picture(session: Session, message: Extract<WallMessage, { type: 'SNAPSHOT' }>): void {
    const { topic, seq, items, resumed } = message
    session.missing.delete(topic)
    if (topic === 'nodes') {
      for (const item of items as readonly Worker[]) newest(this.nodes, item.workerId, seq, item)
    } else if (topic === 'tasks') {
      if (resumed !== true) forgetUpTo(this.tasks, seq)
      for (const item of items as readonly Task[]) newest(this.tasks, item.taskId, seq, item)
    } else if (topic === 'alerts') {
      if (resumed !== true) forgetUpTo(this.alerts, seq)
      for (const item of items as readonly { alertId: string; state: string }[]) {
        newest(this.alerts, item.alertId, seq, item.state)
      }
    }
    if (session.missing.size === 0) this.#seen(seq)
  }

  /** G8: frames of one subscription leave no hole between them. */
  #frame(session: Session, frame: Extract<WallMessage, { type: 'FRAME' }>): void {
    const { from, to } = frame
    if (from > to) this.#fail('G8', `${this.#name}: a frame runs from ${from} to ${to}`)
    if (session.frameTo !== null && from > session.frameTo) {
      this.#fail('G8', `${this.#name}: a frame from ${from} follows one to ${session.frameTo}: a hole`)
    }
    session.frameTo = Math.max(to, session.frameTo ?? 0)
    for (const message of frame.messages) this.#take(session, message)
    if (session.missing.size === 0) this.#seen(to)
  }

  /** G8: a task's lines come each once, or as a gap. */
  #line(session: Session, line: LineView): void {
    const last = session.lastLine.get(line.taskId)
    const first = line.gap === undefined || line.gap.to !== line.n + 1 ? line.n : line.gap.from
    if (last !== undefined && first > last + 1) {
      this.#fail('G8', `${this.#name}: line ${first} of ${line.taskId} follows ${last}: a silent hole`)
    }
    session.lastLine.set(line.taskId, Math.max(line.n, last ?? 0))
  }

  #seen(seq: number): void {
    if (seq >= this.seenSeq) this.#resume = { logId: this.#logId, seq }
  }
}

function newest<Value>(table: Map<string, Versioned<Value>>, id: string, seq: number, value: Value): void {
  const known = table.get(id)
  if (known === undefined || seq >= known.seq) table.set(id, { seq, value })
}

/** A whole picture replaces everything that is not newer. */
function forgetUpTo<Value>(table: Map<string, Versioned<Value>>, seq: number): void {
  for (const [id, known] of table) if (known.seq <= seq) table.delete(id)
}
