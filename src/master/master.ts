import type { Agent as AgentView } from '../contract/worker.js'
import { limits } from '../core/limits.js'
import type { Capabilities } from '../core/nodes/node.js'
import type { AgentBook } from '../ports/agent-book.js'
import type { Clock } from '../ports/clock.js'
import type { JsonBytes } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import type { Meter, Room } from '../ports/meter.js'
import type { LeaderChannel, LeaderDialer, Register } from '../ports/node-link.js'
import type { Outbox } from '../ports/outbox.js'
import type { TellOwnNews } from '../ports/own-news.js'
import type { Random } from '../ports/random.js'
import type { TaskHost } from '../ports/task-host.js'
import type { Text } from '../ports/text.js'
import type { CallLeader, ToolCall } from '../ports/tool-calls.js'
import { Admission, type AdmissionOptions } from './admission.js'
import { Agents } from './agents.js'
import { Commands } from './commands.js'
import { LeaderCalls } from './leader-calls.js'
import { LeaderLink, type LinkView } from './leader-link.js'
import { Leases } from './leases.js'
import { Meters } from './meters.js'
import { RunAsks } from './run-asks.js'
import { prepareCall, prepareRun } from './run-payload.js'
import { RunSampler } from './run-sampler.js'
import { Runs } from './runs.js'
import { Uplink } from './uplink.js'

export interface MasterOptions {
  readonly nodeId: string
  /** Start of this process in Unix ms; must be higher than that of every earlier start with this node id. */
  readonly incarnation: number
  /** Agents that it begins with, and so runs at the same time. At most limits.slotsMax. */
  readonly slots: number
  /** What its agents are, and its host with them: one for programs (default), or one for functions. */
  readonly agentKind?: 'process' | 'function'
  readonly labels: Readonly<Record<string, string>>
  /** Task types that the leader may give to this master. */
  readonly projectTypes: readonly string[]
  /** Addresses of leaders, tried in turn; at least one. */
  readonly leaders: readonly string[]
  /** Address of this master's own HTTP server; null when it has none. */
  readonly url: string | null
  readonly version: string
  readonly dialer: LeaderDialer
  readonly host: TaskHost
  readonly outbox: Outbox
  /** Remembers agents that came and went. Default: they stay as they are, and the wish for another is refused. */
  readonly agentBook?: AgentBook
  readonly meter: Meter
  readonly clock: Clock
  readonly random: Random
  readonly text: Text
  readonly log: Log
  /** Kept free on this machine, bytes: below it no run is taken. Default: 0, not looked at. */
  readonly floors?: Room
  /** What this master says of a run beside that; null = it takes it. */
  readonly policy?: AdmissionOptions['policy']
  /** The leader granted a renewal of all leases; they count from its sending, boot ms. */
  readonly onRenewed?: (sentAtBootMs: number) => void
  /**
   * The leader asks this process to restart: `leave`, then end so that a supervisor starts it again. Called once. Default:
   * the wish is refused.
   */
  readonly onRestart?: () => void
  /** The link or the runs changed: what `status` and `agents` say is new. */
  readonly onState?: () => void
  /** Hears of runs and machine also while there is no leader. Default: nobody does. */
  readonly onNews?: TellOwnNews
}

export interface MasterStatus {
  readonly nodeId: string
  readonly incarnation: number
  readonly link: LinkView
  readonly slots: number
  readonly liveRuns: number
  readonly stopping: boolean
}

export interface Master {
  /** Adopts what an earlier master left running, then dials. Resolves before there is a leader. */
  start(): Promise<void>
  /**
   * Asks the leader for no more work. Resolves when nothing runs and a leader has every report; after `waitMs` at the
   * latest. `stop` follows.
   */
  drain(waitMs: number): Promise<void>
  /**
   * Takes no more work, ends every run (TERM, KILL after `graceMs`), tells the leader and leaves. Resolves when no
   * descendant is left and everything un-acked is on disk. A second call waits for the first.
   */
  stop(graceMs?: number): Promise<void>
  /** Leaves at once and ends no run: the host goes on without this process, and the next one adopts them. */
  leave(): Promise<void>
  /** This master's own agents, as its HTTP server shows them. */
  agents(): readonly AgentView[]
  /** Calls a tool at the leader, as the one whose token it carries. */
  call: CallLeader
  status(): MasterStatus
}

/** Where a master is in its life. */
type Life =
  | { readonly phase: 'new' | 'running' }
  | { readonly phase: 'stopping'; readonly done: Promise<void> }

export const createMaster = (options: MasterOptions): Master => new NodeMaster(options)

class NodeMaster implements Master {
  readonly #options: MasterOptions
  readonly #uplink: Uplink
  readonly #link: LeaderLink
  readonly #runs: Runs
  readonly #leases: Leases
  readonly #meters: Meters
  readonly #sampler: RunSampler
  readonly #agents: Agents
  readonly #calls: LeaderCalls
  #capabilities: Capabilities | null = null
  #life: Life = { phase: 'new' }
  /** Looks whether what a drain or a stop waits for has come. */
  #onProgress: (() => void) | null = null

  constructor(options: MasterOptions) {
    const { clock, text, host, outbox, log, incarnation, slots, agentKind = 'process' } = options
    const isFunctions = agentKind === 'function'
    this.#options = options
    const backlog = outbox.backlog()
    this.#uplink = new Uplink({
      incarnation,
      outbox,
      clock,
      log,
      onAcked: (mark) => {
        this.#runs.acked(mark)
        this.#onProgress?.()
      },
      onLinesReady: () => this.#runs.linesReady(),
      onNews: options.onNews ?? null,
    })
    this.#agents = new Agents({
      nodeId: options.nodeId,
      kind: agentKind,
      slots,
      bornAtMs: incarnation,
      book: options.agentBook ?? null,
      uplink: this.#uplink,
      log,
      wallMs: () => clock.wallMs(),
    })
    this.#leases = new Leases({
      clock,
      uplink: this.#uplink,
      onGranted: () => this.#runs.leased(),
      onOver: (leaseClass, graceMs) => this.#runs.leaseOver(leaseClass, graceMs),
      onRenewed: options.onRenewed ?? (() => undefined),
    })
    this.#meters = new Meters(options.meter, clock, this.#uplink)
    const asks = new RunAsks((call) => this.#calls.call(call))
    this.#runs = new Runs({
      host,
      clock,
      text,
      uplink: this.#uplink,
      canPause: !isFunctions,
      tellsStartLater: isFunctions,
      prepare: isFunctions ? prepareCall : prepareRun,
      // A run that was handed over before its agent went is taken all the same.
      slots: () => Math.max(slots, this.#agents.list.length),
      admission: admissionOf(options),
      outbox,
      log,
      backlog,
      askLeader: (ref, ask) => asks.ask(ref, ask),
      isLeased: (leaseClass) => this.#leases.isLeased(leaseClass),
      onLiveChanged: () => this.#liveChanged(),
      onNews: options.onNews ?? null,
    })
    this.#sampler = new RunSampler(clock, this.#runs)
    this.#calls = new LeaderCalls({ clock, uplink: this.#uplink, isLive: () => this.#link.isLive })
    this.#link = this.#createLink()
  }

  async start(): Promise<void> {
    const { meter, host, labels, projectTypes, slots } = this.#options
    this.#life = { phase: 'running' }
    const [inventory] = await Promise.all([meter.inventory(), host.attach(this.#runs)])
    this.#capabilities = { ...inventory, labels, projectTypes, slots }
    if (this.#life.phase === 'running') this.#link.start()
  }

  drain(waitMs: number): Promise<void> {
    this.#agents.leave()
    this.#runs.drain()
    // A leader that comes later hears it by the register.
    if (this.#uplink.isOpen) this.#uplink.put({ kind: 'agents', agents: [] })
    return this.#until(() => this.#runs.live.size === 0 && this.#uplink.isDrained, waitMs)
  }

  stop(graceMs: number = limits.shutdownGraceMs): Promise<void> {
    if (this.#life.phase === 'stopping') return this.#life.done
    const done = this.#stop(graceMs)
    this.#life = { phase: 'stopping', done }
    return done
  }

  leave(): Promise<void> {
    if (this.#life.phase === 'stopping') return this.#life.done
    const done = this.#leave()
    this.#life = { phase: 'stopping', done }
    return done
  }

  agents(): readonly AgentView[] {
    const busy = new Map([...this.#runs.live].map((run) => [run.terms.agentId, run.ref.taskId]))
    return this.#agents.list.map(({ agentId, kind, windowId, accountIdx, createdAtMs }) => {
      const currentTask = busy.get(agentId) ?? null
      const status = currentTask === null ? 'idle' : 'busy'
      const { nodeId: workerId } = this.#options
      return { agentId, workerId, kind, windowId, accountIdx, status, currentTask, createdAt: createdAtMs }
    })
  }

  call(call: ToolCall): Promise<JsonBytes> {
    return this.#calls.call(call)
  }

  status(): MasterStatus {
    const { nodeId, incarnation, slots } = this.#options
    return {
      nodeId,
      incarnation,
      link: this.#link.view(),
      slots,
      liveRuns: this.#runs.live.size,
      stopping: this.#life.phase === 'stopping',
    }
  }

  async #stop(graceMs: number): Promise<void> {
    await this.#runs.close(graceMs)
    await this.#leave()
  }

  async #leave(): Promise<void> {
    const { outbox, log } = this.#options
    this.#sampler.stop()
    // The leader has everything, or had its time.
    if (this.#link.isLive) await this.#until(() => this.#uplink.isDrained, limits.shutdownAckMs)
    this.#link.close()
    this.#meters.stop()
    try {
      await outbox.flush()
    } catch (error) {
      log.error('the outbox cannot be written', { error })
    }
    await outbox.close()
  }

  /** Until `isDone`, as runs end and reports are acked; at most `waitMs`. */
  #until(isDone: () => boolean, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(waitMs, () => end())
      const end = (): void => {
        timer.cancel()
        this.#onProgress = null
        resolve()
      }
      this.#onProgress = () => {
        if (isDone()) end()
      }
      this.#onProgress()
    })
  }

  #createLink(): LeaderLink {
    const { leaders, dialer, clock, random, log, incarnation } = this.#options
    const link = new LeaderLink({
      leaders,
      dialer,
      clock,
      random,
      log,
      onOpen: (channel) => this.#register(channel),
      onCommands: (commands) => {
        handler.handle(commands)
        this.#options.onState?.()
      },
      onClosed: () => {
        this.#uplink.closed()
        this.#leases.stop()
        // Who shows this machine by itself wants to see it go on.
        if (this.#options.onNews === undefined) this.#meters.stop()
        this.#calls.closed()
        this.#options.onState?.()
      },
    })
    const handler = new Commands({
      incarnation,
      link,
      uplink: this.#uplink,
      runs: this.#runs,
      agents: this.#agents,
      calls: this.#calls,
      leases: this.#leases,
      meters: this.#meters,
      log,
      onRestart: this.#options.onRestart ?? null,
    })
    return link
  }

  #register(channel: LeaderChannel): void {
    if (this.#capabilities === null) return
    const { incarnation, version, url } = this.#options
    const register: Register = {
      kind: 'register',
      incarnation,
      version,
      capabilities: this.#capabilities,
      inventory: this.#runs.held(),
      agents: this.#agents.list,
      ackedUplinkSeq: this.#uplink.ackedUplinkSeq,
      ...this.#link.resumePoint,
      url,
      takesBatches: true,
    }
    this.#uplink.opened(channel, register)
  }

  #liveChanged(): void {
    this.#leases.hold(this.#runs.leaseClasses)
    this.#sampler.update()
    this.#onProgress?.()
    this.#options.onState?.()
  }
}

function admissionOf({ clock, meter, floors, policy }: MasterOptions): Admission {
  return new Admission({
    clock,
    room: () => meter.room(),
    floors: floors ?? { memoryBytes: 0, diskBytes: 0 },
    ...(policy === undefined ? {} : { policy }),
  })
}
