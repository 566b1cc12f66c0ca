import { closeCodes } from '../contract/socket.js'
import { configEventOf } from '../core/config/config-event.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { builtInRetention } from '../core/retention/retention.js'
import { newestOf, type State } from '../core/state.js'
import type { Made } from '../core/turn.js'
import { Hub } from '../hub/hub.js'
import type { HubMessage } from '../hub/message.js'
import type { Clock } from '../ports/clock.js'
import type { Caller, ControlPlane, WallOptions, WallSession, WallSink } from '../ports/control-plane.js'
import type { EncodedEvent } from '../ports/store.js'
import { AlertLooks } from './alert-looks.js'
import { answerCalls } from './answer-calls.js'
import { Batches } from './batches.js'
import { Calls } from './calls.js'
import { coldDependencies } from './cold-dependencies.js'
import { configHistory } from './config-history.js'
import { EventWatches } from './event-watches.js'
import { coldKeyHolder } from './facts.js'
import { Housekeeping } from './housekeeping.js'
import type { Leader, LeaderOptions } from './leader-options.js'
import { LeaseBook } from './lease-book.js'
import { LineIntake } from './line-intake.js'
import { Logins } from './logins.js'
import { NodeSessions } from './node-sessions.js'
import { Plans } from './plans.js'
import { Projector } from './projector.js'
import { Publisher } from './publisher.js'
import { Reads } from './reads.js'
import { ReceiptListeners } from './receipt-listeners.js'
import { type Recovered, recover } from './recovery.js'
import { ReplayReads } from './replay-reads.js'
import { Samples } from './samples.js'
import { chatView, Snapshots } from './snapshots.js'
import { TaskTally } from './task-tally.js'
import { type Release, TurnLoop } from './turn-loop.js'
import { type ChatMessage, LeaderWallSession, type WallHost } from './wall-session.js'

/** Recovers the log, raises the term and leads. Rejects with one clear sentence when it cannot. */
export async function createLeader(options: LeaderOptions): Promise<Leader> {
  const recovered = await recover(options)
  const parts = await LeaderParts.make(options, recovered)
  return parts.leader()
}

/** The leader's parts and how they hear of each other. Order of a commit: walls and nodes, then answers. */
class LeaderParts implements WallHost {
  readonly state: State
  readonly clock: Clock
  readonly hub: Hub
  readonly logId: string
  readonly snapshots: Snapshots
  readonly #options: LeaderOptions
  readonly #recovered: Recovered
  readonly #leases: LeaseBook
  readonly #loop: TurnLoop
  readonly #projector: Projector
  readonly #publisher: Publisher
  readonly #lines: LineIntake
  readonly #nodes: NodeSessions
  readonly #calls: Calls
  readonly #reads: Reads
  readonly #replays: ReplayReads
  readonly #batches: Batches
  readonly #tally = new TaskTally()
  readonly #logins: Logins
  readonly #watches: EventWatches
  readonly #housekeeping: Housekeeping
  readonly #plans: Plans
  readonly #alertLooks: AlertLooks
  readonly #receiptListeners = new ReceiptListeners()
  #phase: 'leading' | 'stopping' = 'leading'

  static async make(options: LeaderOptions, recovered: Recovered): Promise<LeaderParts> {
    const keyframeSeq = await options.views.newestKeyframeSeq()
    const parts = new LeaderParts(options, recovered, keyframeSeq)
    await parts.#batches.runner.start()
    parts.#nodes.startGrace()
    parts.#housekeeping.start()
    parts.#loop.wake()
    parts.#plans.start()
    parts.#alertLooks.changed()
    return parts
  }

  constructor(options: LeaderOptions, recovered: Recovered, keyframeSeq: number) {
    const { clock, text, log, crashNotes, journal, views, streams, onFatal } = options
    const { state } = recovered
    this.#options = options
    this.#recovered = recovered
    this.state = state
    this.clock = clock
    this.logId = recovered.head.logId
    this.hub = new Hub({ clock, text })
    this.#leases = new LeaseBook(clock)
    const samples = new Samples(this.#leases)
    const whenCommitted = (release: () => void): void => this.gate.when(state.headSeq, release)
    // Samples ride on entity versions, so they wait for the versions' commit (G1).
    const publish = (messages: readonly HubMessage[]): void =>
      whenCommitted(() => this.hub.publish(messages, this.gate.committedSeq))
    this.#publisher = new Publisher({
      state,
      samples,
      clock,
      publish,
      hears: (topic) => this.hub.hasListeners(topic),
    })
    this.#loop = new TurnLoop({
      state,
      journal,
      clock,
      log,
      crashNotes,
      leases: this.#leases,
      loads: () => samples.takeLoads(),
      prepare: (made, encoded) => this.#prepare(made, encoded),
      whenQuiet: () => this.#housekeeping.whenQuiet(),
      onFatal,
    })
    const { projectedSeq } = recovered
    const keptMs = () => (state.cluster?.retention ?? builtInRetention).journalMs
    this.#projector = new Projector({ views, log, projectedSeq, keyframeSeq, keptMs, clock, onFatal })
    this.#projector.add(recovered.unprojected, state.headSeq, recovered.unprojectedConfig)
    this.#lines = new LineIntake({ state, streams, log, publish, wallMs: () => clock.wallMs(), onFatal })
    const projector = this.#projector
    this.#housekeeping = new Housekeeping({ state, journal, views, streams, clock, log, projector, onFatal })
    this.#nodes = new NodeSessions({
      state,
      clock,
      log,
      crashNotes,
      logId: this.logId,
      httpUrl: options.httpUrl ?? (() => null),
      samples,
      lines: this.#lines,
      publisher: this.#publisher,
      offer: (input, done) => this.#loop.offer(input, done),
      publish,
      whenCommitted,
      whenConfirmed: (release) => this.#whenConfirmed(release),
      answerCall: answerCalls({
        logins: () => this.#logins,
        plane: () => this.#plane(),
        random: options.random,
        runTool: options.callTool,
      }),
      keepSample: (row) => {
        this.#housekeeping.keepSample(row)
        this.#alertLooks.measured(row.nodeId, row)
      },
      onFatal,
    })
    this.#plans = new Plans({ ...options, state, loop: this.#loop })
    this.#alertLooks = new AlertLooks({ clock, offer: (input) => this.#loop.offer(input, () => undefined) })
    this.#calls = this.#makeCalls()
    this.snapshots = new Snapshots({ state, samples, streams, why: this.#publisher.why })
    this.#reads = this.#makeReads(samples)
    this.#replays = new ReplayReads({ ...options, gate: this.gate, logId: this.logId })
    this.#batches = this.#makeBatches()
    this.#logins = new Logins({ state, loop: this.#loop, random: options.random })
    this.#watches = new EventWatches({ journal, gate: this.gate })
  }

  #makeReads(samples: Samples): Reads {
    const { views, streams, clock } = this.#options
    return new Reads({
      state: this.state,
      gate: this.gate,
      samples,
      views,
      streams,
      clock,
      tally: this.#tally,
      walls: () => this.hub.seats,
      describe: () => this.#describe(),
    })
  }

  #makeCalls(): Calls {
    const { views, random } = this.#options
    return new Calls({
      state: this.state,
      views,
      retiredKeys: this.#housekeeping.retiredKeys,
      projector: this.#projector,
      random,
      complete: (request, projectId) => this.#plans.complete(request, projectId),
      offer: (input, done) => this.#loop.offer(input, done),
    })
  }

  #makeBatches(): Batches {
    const { workBodies, views, random, clock, log, onFatal } = this.#options
    const { retiredKeys } = this.#housekeeping
    return new Batches({
      state: this.state,
      gate: this.gate,
      bodies: workBodies,
      clock,
      log,
      random,
      offer: (input, done) => this.#loop.offer(input, done),
      admission: () => this.#loop.admission,
      keyHolder: (clientId, key) => coldKeyHolder(clientId, key, { views, retiredKeys }),
      dependencies: (taskIds) => coldDependencies(taskIds, { state: this.state, views }),
      execute: (caller, command) => this.#calls.decide(caller, command, 'default'),
      onFatal,
    })
  }

  get gate() {
    return this.#loop.gate
  }

  leader(): Leader {
    return {
      plane: this.#plane(),
      gateway: this.#nodes,
      logins: this.#logins,
      logId: this.logId,
      clusterId: this.#recovered.head.clusterId,
      term: this.state.term,
      say: (record) => {
        const json = JSON.stringify(chatView(record))
        this.hub.publish([{ topics: [`chat:${record.context}`], key: null, json }], this.gate.committedSeq)
      },
      stop: () => this.#stop(),
    }
  }

  async control(caller: Caller, command: Parameters<WallHost['control']>[1]) {
    const projectId = this.state.task(command.taskId)?.projectId ?? 'default'
    const answer = await this.#calls.execute(caller, {
      command: { name: 'control_task', ...command },
      projectId,
    })
    return { commandId: answer.kind === 'receipt' ? answer.commandId : null, taskId: command.taskId }
  }

  onReceipt(commandId: string, listener: () => void): () => void {
    return this.#receiptListeners.on(commandId, listener)
  }

  chat(caller: Caller, message: ChatMessage): void {
    this.#options.ask(caller, message)
  }

  #plane(): ControlPlane {
    const reads = this.#reads
    const batches = this.#batches
    return {
      authenticate: (token) => this.#logins.authenticate(token),
      login: (code) => this.#logins.login(code),
      renew: (token) => this.#logins.renew(token),
      execute: (caller, request) => this.#calls.execute(caller, request),
      submit: (caller, request, done) => this.#calls.submit(caller, request, done),
      task: (_caller, taskId) => reads.task(taskId),
      tasks: (_caller, filter, page) => reads.tasks(filter, page),
      receipt: (caller, commandId, waitMs) => reads.receipt(commandId, waitMs, caller.signal),
      taskReceipts: (_caller, taskId) => reads.taskReceipts(taskId),
      effects: (_caller, taskId) => reads.effects(taskId),
      effect: (_caller, taskId, key) => reads.effect(taskId, key),
      fence: (_caller, taskId, fence) =>
        new Promise((resolve) => this.#whenConfirmed(() => resolve(reads.fence(taskId, fence)))),
      batchIntake: (caller) => batches.intake(caller),
      batch: (caller, batchId, waitMs) => batches.reads.batch(batchId, waitMs, caller.signal),
      batches: (_caller, page) => batches.reads.batches(page),
      work: (caller, workId, waitMs) => batches.reads.work(workId, waitMs, caller.signal),
      works: (_caller, page) => batches.reads.works(page),
      workers: () => reads.workers(),
      worker: (_caller, workerId) => reads.worker(workerId),
      agents: () => reads.agents(),
      agent: (_caller, agentId) => reads.agent(agentId),
      alerts: () => reads.alerts(),
      alert: (_caller, alertId) => reads.alert(alertId),
      configHistory: (_caller, filter, page) => configHistory(this.#historyParts(), filter, page),
      placement: () => reads.placement(),
      retention: () => reads.retention(),
      alertRules: () => reads.alertRules(),
      load: (_caller, wish) => reads.load(wish),
      alertDelivery: async () => JSON.stringify(this.#options.alertDelivery?.() ?? { webhook: null }),
      limits: () => reads.limits(),
      limit: (_caller, limitId) => reads.limit(limitId),
      stats: () => reads.stats(),
      queue: () => reads.queue(),
      measures: () => reads.measures(),
      taskLines: async (_caller, taskId, after, limit) => {
        await this.#lines.settled()
        return reads.taskLines(taskId, after, limit)
      },
      lines: (_caller, filter, paging) => reads.lines(filter, paging),
      ...this.#plans.reads(),
      ...this.#replays.reads(),
      ready: () => this.#ready(),
      openWall: (caller, sink, wallOptions) => this.#openWall(caller, sink, wallOptions),
      watchEvents: (caller, afterSeq, sink) => this.#watches.watch(afterSeq, sink, caller.signal),
    }
  }

  #historyParts() {
    return {
      views: this.#options.views,
      committed: () =>
        new Promise<number>((resolve) => {
          const seq = this.state.headSeq
          this.gate.when(seq, () => resolve(seq))
        }),
      projector: this.#projector,
    }
  }

  /** Made on the working state right after a turn; the returned effects run once it is committed. */
  #prepare(made: Made, encoded: readonly EncodedEvent[]): Release {
    this.#leases.take(made.events)
    this.#tally.take(this.state, made.events)
    const changed = newestOf(this.state, made.changed)
    const configEvents = made.events.flatMap((event) => configEventOf(event) ?? [])
    const messages = this.#publisher.ofTurn(made.events, changed)
    const toSeq = this.state.headSeq
    const tellSteps = this.#receiptListeners.tellOf(made.events)
    const tell = (): void => {
      this.hub.publish(messages, toSeq)
      this.#watches.committed(encoded)
      this.#projector.add(changed, toSeq, configEvents)
      tellSteps()
      this.#reads.committed()
      this.#batches.committed()
      this.#plans.committed(made.events, toSeq)
      this.#alertLooks.changed()
    }
    return { handOver: this.#nodes.commandsOf(made.events), tell }
  }

  /** [LS7] A leader that was succeeded must not grant a lease: its successor does not count on it. */
  #whenConfirmed(release: () => void): void {
    const { journal, onFatal } = this.#options
    journal.head().then(
      ({ term }) => {
        if (term === this.state.term) release()
        else onFatal('another process leads this log now')
      },
      (failure: unknown) => onFatal('the journal cannot be read', failure),
    )
  }

  #openWall(caller: Caller, sink: WallSink, options: WallOptions): WallSession {
    if (this.hub.seats >= limits.wallSessionsMax) {
      throw new ControlError('resource_exhausted', `${limits.wallSessionsMax} walls are connected already`)
    }
    return new LeaderWallSession(this, caller, sink, options)
  }

  #ready(): { ready: boolean; reasons: readonly string[] } {
    const reasons: string[] = []
    if (this.#phase === 'stopping') reasons.push('not_leader')
    if (this.#options.journal.durability.mode !== 'each-commit') reasons.push('not_durable')
    if (this.#loop.admission === 'disk_full') reasons.push('disk_full')
    return { ready: reasons.length === 0, reasons }
  }

  #describe() {
    return {
      logId: this.logId,
      clusterId: this.#recovered.head.clusterId,
      leaderId: this.#options.leaderId,
      grpc: this.#options.grpcAddress(),
      joinFile: this.#options.joinFile,
      version: this.#options.version,
      durability: this.#options.journal.durability.mode === 'each-commit' ? 'each-commit' : 'degraded',
    }
  }

  async #stop(): Promise<void> {
    this.#phase = 'stopping'
    this.#housekeeping.stop()
    this.#batches.runner.stop()
    this.#publisher.why.stop()
    this.#plans.stop()
    this.#alertLooks.stop()
    this.#nodes.moving([
      { kind: 'moving', leaders: [this.#options.grpcAddress()], spreadMs: limits.movingSpreadMs },
    ])
    await this.#loop.stop()
    this.hub.closeAll(closeCodes.leaderLeaves, 'the leader leaves')
    this.#nodes.closeAll('the leader leaves')
    await this.#projector.settled()
    await this.#housekeeping.settled()
  }
}
