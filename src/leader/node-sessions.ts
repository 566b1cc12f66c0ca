import { nodeDuties } from '../core/duties.js'
import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import { fenceOf, nodeIdOf } from '../core/ids.js'
import type { HeldRun, Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import { isFinal } from '../core/receipts/receipt.js'
import { renewsNothing } from '../core/runs/decide-leases.js'
import type { State } from '../core/state.js'
import type { Outcome } from '../core/turn.js'
import type { HubMessage } from '../hub/message.js'
import { CommandRing } from '../link/command-ring.js'
import type { Clock } from '../ports/clock.js'
import type { CrashNotes } from '../ports/crash-notes.js'
import type { Log } from '../ports/log.js'
import type {
  LeaderCommand,
  NodeChannel,
  NodeGateway,
  NodeSession,
  NodeUpdate,
  NumberedCommand,
  ProgressUpdate,
  Register,
  WantedCommand,
} from '../ports/node-link.js'
import type { SampleRow } from '../ports/store.js'
import type { AnswerToolCall } from '../ports/tool-calls.js'
import type { LineIntake } from './line-intake.js'
import { signalOf, stopOrphan, taskRequest } from './node-commands.js'
import { LeaderNodeSession } from './node-session.js'
import type { Publisher } from './publisher.js'
import type { Samples } from './samples.js'
import { systemInput } from './turn-loop.js'

export interface NodeSessionsOptions {
  readonly state: State
  readonly clock: Clock
  readonly log: Log
  readonly crashNotes: CrashNotes
  readonly logId: string
  /** Web address of this leader; null = not known. */
  readonly httpUrl: () => string | null
  readonly samples: Samples
  readonly lines: LineIntake
  readonly publisher: Publisher
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
  readonly publish: (messages: readonly HubMessage[]) => void
  /** Runs it when the state as it stands now is committed; at once when it is. */
  readonly whenCommitted: (release: () => void) => void
  /** Runs it when the journal has said, after this call, that nobody else leads. */
  readonly whenConfirmed: (release: () => void) => void
  readonly answerCall: AnswerToolCall
  readonly keepSample: (row: SampleRow) => void
  readonly onFatal: (reason: string, cause?: unknown) => void
}

/** What a session needs of the leader; the sessions registry is it. */
export type NodeHost = NodeSessions

/** All masters' streams: at most one live session per node, and what each node is owed. */
export class NodeSessions implements NodeGateway {
  readonly state: State
  readonly clock: Clock
  readonly log: Log
  readonly crashNotes: CrashNotes
  readonly logId: string
  /** Web address of this leader; null = not known. */
  readonly httpUrl: () => string | null
  readonly samples: Samples
  readonly lines: LineIntake
  readonly #options: NodeSessionsOptions
  readonly #sessions = new Map<string, LeaderNodeSession>()
  readonly #rings = new Map<string, { ring: CommandRing; incarnation: number }>()
  readonly #deaf = new Set<string>()
  /** Nodes whose meters the walls have not been told of yet. */
  readonly #metersChanged = new Set<string>()
  /** Grants that wait for one look at who leads. */
  #toGrant: (() => void)[] = []

  constructor(options: NodeSessionsOptions) {
    this.#options = options
    this.state = options.state
    this.clock = options.clock
    this.log = options.log
    this.crashNotes = options.crashNotes
    this.logId = options.logId
    this.httpUrl = options.httpUrl
    this.samples = options.samples
    this.lines = options.lines
  }

  open(channel: NodeChannel): NodeSession {
    return new LeaderNodeSession(this, channel)
  }

  /** A leader that starts gives the masters it knows limits.nodeReturnGraceMs to come back before it calls them silent. */
  startGrace(): void {
    const known = [...this.state.tables.node.keys()]
    this.clock.after(limits.nodeReturnGraceMs, () => {
      for (const nodeId of known) {
        if (!this.#sessions.has(nodeId)) this.#silent(nodeId, 'it did not return after the leader started')
      }
    })
  }

  /** Tells nodes what a committed turn wants of them. Made before the commit, sent after it. */
  commandsOf(events: readonly LogEvent[]): () => void {
    const wanted = new Map<string, WantedCommand[]>()
    const want = (nodeId: string, command: WantedCommand | null): void => {
      if (command === null) return
      const list = wanted.get(nodeId)
      if (list === undefined) wanted.set(nodeId, [command])
      else list.push(command)
    }
    const silenced: LeaderNodeSession[] = []
    for (const event of events) {
      if (event.type === 'NodeStatusChanged' && event.body.reason === renewsNothing) {
        silenced.push(...this.#silenced(event.entity.id))
      } else if (event.type === 'RunEnded' && event.actor.via === 'system') {
        const task = this.state.task(event.entity.id)
        const past = task?.past.findLast(({ fence }) => fence === event.body.fence)
        if (past !== undefined) want(past.nodeId, stopOrphan({ taskId: event.entity.id, ...past }))
      } else if (event.type === 'TaskAssigned') {
        const task = this.state.task(event.entity.id)
        if (task?.state.phase === 'live' && task.state.run.fence === fenceOf(event.seq)) {
          want(event.body.nodeId, taskRequest(task, task.state.run))
        }
      } else if (event.type === 'CommandIssued' && event.body.nodeId !== null) {
        const receipt = this.state.receipt(event.entity.id)
        if (receipt !== undefined && !isFinal(receipt)) want(event.body.nodeId, signalOf(receipt))
      }
    }
    return () => {
      for (const [nodeId, commands] of wanted) this.#tell(nodeId, commands)
      for (const session of silenced) session.end('unavailable', 'no lease was renewed')
    }
  }

  moving(commands: readonly LeaderCommand[]): void {
    for (const session of this.#sessions.values()) session.send(commands)
  }

  closeAll(message: string): void {
    for (const session of [...this.#sessions.values()]) session.end('unavailable', message)
  }

  // --- what sessions call ---

  /** Takes the node's seat; a refusal when another live process holds it. The same process replaces its old stream. */
  admit(session: LeaderNodeSession, register: Register): ControlError | null {
    const other = this.#sessions.get(session.nodeId)
    if (other !== undefined && other !== session) {
      if (other.incarnation !== register.incarnation) {
        return new ControlError(
          'node_conflict',
          `another live master is called ${session.nodeId}; give this one another --id`,
        )
      }
      this.#sessions.delete(session.nodeId)
      this.#deaf.delete(session.nodeId)
      other.end('unavailable', 'this master opened a new stream')
    }
    this.#sessions.set(session.nodeId, session)
    return null
  }

  left(session: LeaderNodeSession, reason: string): void {
    if (this.#sessions.get(session.nodeId) !== session) return
    this.#sessions.delete(session.nodeId)
    this.#deaf.delete(session.nodeId)
    this.#silent(session.nodeId, reason)
  }

  ring(nodeId: string): CommandRing {
    let entry = this.#rings.get(nodeId)
    if (entry === undefined) {
      entry = { ring: new CommandRing(), incarnation: 0 }
      this.#rings.set(nodeId, entry)
    }
    return entry.ring
  }

  /** Commands after the master's resume point, or null: a full sync is due. */
  replay(session: LeaderNodeSession, register: Register): readonly NumberedCommand[] | null {
    const entry = this.#rings.get(session.nodeId)
    const isSame = entry?.incarnation === register.incarnation && register.term === this.state.term
    const rest = isSame && register.logId === this.logId ? entry.ring.after(register.commandSeq) : null
    if (rest === null) {
      const ring = new CommandRing()
      this.#rings.set(session.nodeId, { ring, incarnation: register.incarnation })
    }
    return rest
  }

  /** All that is wanted of a node: its duties, and the end of runs that nobody claims. */
  duties(nodeId: string, inventory: readonly HeldRun[]): WantedCommand[] {
    const { assignments, commands } = nodeDuties(this.state, nodeId)
    const orphans = inventory.filter((run) => run.state !== 'ended' && !this.#isCurrent(run))
    return [
      ...orphans.map(stopOrphan),
      ...assignments.map(({ task, run }) => taskRequest(task, run)),
      ...commands.flatMap((receipt) => signalOf(receipt) ?? []),
    ]
  }

  offer(input: Input, done: (outcome: Outcome) => void): void {
    this.#options.offer(input, done)
  }

  whenCommitted(release: () => void): void {
    this.#options.whenCommitted(release)
  }

  progress(nodeId: string, update: ProgressUpdate): void {
    const task = this.state.task(update.taskId)
    if (task?.state.phase !== 'live' || task.state.run.nodeId !== nodeId) return
    if (!this.samples.progress(this.state, update)) return
    this.#options.publish(this.#options.publisher.progress(task))
  }

  /** Renewals of one tick are granted together. */
  grantLease(release: () => void): void {
    this.#toGrant.push(release)
    if (this.#toGrant.length > 1) return
    this.clock.soon(() => {
      const releases = this.#toGrant
      this.#toGrant = []
      this.#options.whenConfirmed(() => {
        for (const grant of releases) grant()
      })
    })
  }

  metrics(nodeId: string, update: Extract<NodeUpdate, { kind: 'metrics' }>): void {
    const { cpu, memory, disk, rxBytesPerS, txBytesPerS, atMs } = update
    const sample = this.samples.node(nodeId)
    if (sample.metrics !== null && sample.metrics.at > atMs) return
    sample.metrics = {
      cpu,
      memory,
      disk,
      networkRxBytesPerS: rxBytesPerS,
      networkTxBytesPerS: txBytesPerS,
      at: atMs,
    }
    this.samples.noteLoad(nodeId, { cpu, memory })
    this.#options.keepSample({ nodeId, atMs, cpu, memory, disk, rxBytesPerS, txBytesPerS })
    this.#showMeters(nodeId)
  }

  rtt(nodeId: string, rttMs: number): void {
    this.samples.node(nodeId).rttMs = Math.round(rttMs * 100) / 100
    this.#showMeters(nodeId)
  }

  /** One picture of a node's meters a tick, however many values came in it. */
  #showMeters(nodeId: string): void {
    this.#metersChanged.add(nodeId)
    if (this.#metersChanged.size > 1) return
    this.clock.soon(() => {
      const messages = [...this.#metersChanged].flatMap((changed) => this.#options.publisher.metrics(changed))
      this.#metersChanged.clear()
      this.#options.publish(messages)
    })
  }

  /** A path ping was answered, or not in time. */
  heard(nodeId: string, deaf: boolean): void {
    if (deaf === this.#deaf.has(nodeId)) return
    if (deaf) this.#deaf.add(nodeId)
    else this.#deaf.delete(nodeId)
    this.offer(systemInput({ name: 'node_deaf', nodeId: nodeIdOf(nodeId), deaf }), () => undefined)
  }

  get answerCall(): AnswerToolCall {
    return this.#options.answerCall
  }

  fatal(reason: string, cause: unknown): void {
    this.#options.onFatal(reason, cause)
  }

  /** A node that is away finds them in its ring when it resumes; a full sync is read off the state. */
  #tell(nodeId: string, commands: readonly WantedCommand[]): void {
    const session = this.#sessions.get(nodeId)
    if (session?.isLive === true) session.command(commands)
    else for (const command of commands) this.#rings.get(nodeId)?.ring.number(command)
  }

  /** [LS4] The stream of a node that renews nothing: no grant leaves any more, and it has to register again. */
  #silenced(nodeId: string): LeaderNodeSession[] {
    const session = this.#sessions.get(nodeId)
    session?.refuseLeases()
    return session === undefined ? [] : [session]
  }

  #isCurrent(run: HeldRun): boolean {
    const task = this.state.task(run.taskId)
    return task?.state.phase === 'live' && task.state.run.fence === run.fence
  }

  #silent(nodeId: string, reason: string): void {
    this.offer(systemInput({ name: 'node_silent', nodeId: nodeIdOf(nodeId), reason }), () => undefined)
  }
}
