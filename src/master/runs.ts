import { ControlError } from '../core/errors.js'
import { asTaskId, fenceOf } from '../core/ids.js'
import type { HeldRun } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { LeaseClass } from '../core/runs/lease.js'
import type { JsonBytes } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import type { ControlSignal, LineOffset, NumberedUpdate, RunRef, TaskRequest } from '../ports/node-link.js'
import type { Outbox } from '../ports/outbox.js'
import type {
  AdoptedRun,
  FunctionExit,
  HostExit,
  RunAsk,
  RunTerms,
  TaskHostEvents,
} from '../ports/task-host.js'
import type { Admission, Refusal } from './admission.js'
import { nothingWritten, Run, type RunBegin, type RunContext } from './run.js'
import { type Prepared, termsOf } from './run-payload.js'
import { Seen } from './seen.js'
import type { UplinkMark } from './unacked-updates.js'

export interface RunsOptions extends Omit<RunContext, 'onEnded' | 'onChanged'> {
  /** Runs at the same time. */
  readonly slots: () => number
  /** Makes a start of what the leader asks for. */
  readonly prepare: (request: TaskRequest) => Prepared
  readonly outbox: Outbox
  readonly log: Log
  /** Whether this machine has room for one more. */
  readonly admission: Admission
  /** What an earlier incarnation left un-acked: ends in it are not told again, and what it declined is not started. */
  readonly backlog: readonly NumberedUpdate[]
  /** A run of this class may start now. */
  readonly isLeased: (leaseClass: LeaseClass) => boolean
  /** Asks the leader for a run. */
  readonly askLeader: (ref: RunRef, ask: RunAsk) => Promise<JsonBytes>
  /** A run began or ended. */
  readonly onLiveChanged: () => void
}

interface ToldEnd {
  readonly mark: UplinkMark
  readonly update: Extract<NumberedUpdate['update'], { kind: 'ended' }>
}

function heldByBacklog({ update }: ToldEnd): HeldRun {
  const { taskId, attempt, fence, end } = update
  const { outBytes, errBytes } = end
  return {
    taskId: asTaskId(taskId),
    attempt,
    fence: fenceOf(fence),
    state: 'ended',
    pid: null,
    outBytes,
    errBytes,
  }
}

/** Sets of classes: the same one as long as nothing changes. */
const held = {
  none: { none: new Set<LeaseClass>(), steady: new Set<LeaseClass>(['steady']) },
  strict: { none: new Set<LeaseClass>(['strict']), steady: new Set<LeaseClass>(['steady', 'strict']) },
} as const

/** Nothing is limited any more in a run that is over. */
const unknownTerms: RunTerms = {
  agentId: '',
  timeoutMs: 0,
  stallAfterMs: 0,
  leaseClass: 'steady',
  onDisconnect: 'keep',
}

/** Every run that this master holds, by fence. What a repeat asks for is done once [RN8] [RC3]. */
export class Runs implements TaskHostEvents {
  readonly #options: RunsOptions
  readonly #context: RunContext
  readonly #runs = new Map<number, Run>()
  readonly #seenFences = new Seen<number, true>()
  readonly #seenCommands = new Seen<string, true>()
  /** Highest fence that was handed over of a task. */
  readonly #newestFence = new Seen<string, number>()
  /** Ends that the backlog tells, by fence, until they are acked: the host may know nothing of their runs any more. */
  readonly #toldEnds: Map<number, ToldEnd>
  /** Runs that wait until an older run of their task is gone, by that run's fence. */
  readonly #following = new Map<number, () => void>()
  /** Runs that wait for a lease, by fence. */
  readonly #unleased = new Map<number, { readonly run: Run; readonly prepared: Prepared }>()
  readonly #toRelease = new Set<number>()
  readonly #live = new Set<Run>()
  /** Live runs of each class. */
  readonly #liveOfClass: Record<LeaseClass, number> = { steady: 0, strict: 0 }
  /** Runs that are over and whose end the leader may not have. */
  readonly #unreported = new Set<Run>()
  #life: 'open' | 'draining' | 'closing' = 'open'

  constructor(options: RunsOptions) {
    this.#options = options
    this.#context = {
      host: options.host,
      clock: options.clock,
      text: options.text,
      uplink: options.uplink,
      canPause: options.canPause,
      tellsStartLater: options.tellsStartLater,
      onEnded: (run) => this.#ended(run),
      onChanged: (run) => this.#changed(run),
      onNews: options.onNews ?? null,
    }
    for (const { update } of options.backlog) {
      if (update.kind === 'declined') this.#seenFences.set(update.fence, true)
    }
    this.#toldEnds = new Map(
      options.backlog.flatMap(({ incarnation, uplinkSeq, update }) =>
        update.kind === 'ended'
          ? [[update.fence, { mark: { incarnation, uplinkSeq }, update }] as const]
          : [],
      ),
    )
  }

  /** From now on a run that is offered is declined; those that were taken go on. */
  drain(): void {
    if (this.#life === 'open') this.#life = 'draining'
  }

  get live(): ReadonlySet<Run> {
    return this.#live
  }

  /** As the leader is told when a stream begins. */
  held(): readonly HeldRun[] {
    const bytes = new Map(this.#options.host.inventory().map((run) => [run.fence, run]))
    const runs = [...this.#runs.values()].map((run) => run.held(bytes.get(run.ref.fence) ?? nothingWritten))
    const told = [...this.#toldEnds.values()].filter(({ update }) => !this.#runs.has(update.fence))
    return [...runs, ...told.map(heldByBacklog)]
  }

  start(request: TaskRequest): void {
    const { fence, taskId } = request
    if (this.#runs.has(fence) || this.#seenFences.has(fence) || this.#toldEnds.has(fence)) return
    const newest = this.#newestFence.get(taskId) ?? 0
    if (fence < newest) {
      this.#options.log.warn('a stale assignment is ignored', { taskId, fence, newest })
      return
    }
    const older = newest === 0 ? undefined : this.#liveOf(taskId)
    const refusal = this.#refusal(request, older)
    if (refusal !== null && this.#decline(request, refusal, older)) return
    const prepared = this.#options.prepare(request)
    const stdinOpen = prepared.ok && prepared.start.stdinOpen
    const run = this.#add(request, { terms: termsOf(request), stdinOpen, ranMs: 0 })
    this.#options.onLiveChanged()
    if (refusal !== null) run.refuse(refusal.text)
    else if (older === undefined) this.#startLeased(run, prepared)
    else {
      this.#following.set(older.ref.fence, () => this.#startLeased(run, prepared))
      older.stop('superseded', limits.cancelGraceMs)
    }
  }

  /** [OF4] An older run of the task makes room for it. */
  #refusal(request: TaskRequest, older: Run | undefined): Refusal | null {
    const retryAfterMs = limits.declineRetryMsDefault
    if (this.#life !== 'open') {
      return { code: 'leaving', text: 'This master takes no more work: it leaves.', retryAfterMs }
    }
    const { admission } = this.#options
    const slots = this.#options.slots()
    if (older === undefined && this.#live.size >= slots) {
      return { code: 'no_slot', text: `All ${slots} slots of this master are taken.`, retryAfterMs }
    }
    return admission.refusal(request)
  }

  /**
   * [OF1] What was declined is never started, also when it is handed over again. False: it could not be written down, so
   * that the run has to end, which is told when there is room.
   */
  #decline({ taskId, attempt, fence }: TaskRequest, refusal: Refusal, older: Run | undefined): boolean {
    const { uplink, log } = this.#options
    if (uplink.put({ kind: 'declined', taskId, attempt, fence, ...refusal }) === null) return false
    this.#seenFences.set(fence, true)
    this.#newestFence.set(taskId, fence)
    older?.stop('superseded', limits.cancelGraceMs)
    log.info('a run is declined', { taskId, fence, code: refusal.code, text: refusal.text })
    return true
  }

  #liveOf(taskId: string): Run | undefined {
    for (const run of this.#live) if (run.ref.taskId === taskId) return run
    return undefined
  }

  control(signal: ControlSignal): void {
    if (this.#seenCommands.has(signal.commandId)) return
    this.#seenCommands.set(signal.commandId, true)
    const run = this.#runs.get(signal.fence)
    if (run !== undefined) {
      run.control(signal)
      return
    }
    const { commandId, fence } = signal
    const detail = `This master holds no run with fence ${fence}.`
    this.#options.uplink.put({ kind: 'receipt', commandId, state: 'refused', detail })
  }

  /** Classes of the runs that are live. */
  get leaseClasses(): ReadonlySet<LeaseClass> {
    const { steady, strict } = this.#liveOfClass
    return held[strict > 0 ? 'strict' : 'none'][steady > 0 ? 'steady' : 'none']
  }

  /** A lease was granted: starts what waited for it. */
  leased(): void {
    for (const [fence, { run, prepared }] of this.#unleased) {
      if (!this.#options.isLeased(run.terms.leaseClass)) continue
      this.#unleased.delete(fence)
      run.start(prepared)
    }
  }

  /** [LS2] No process of this class may be left after `graceMs`. */
  leaseOver(leaseClass: LeaseClass, graceMs: number): void {
    for (const run of [...this.#live]) if (run.terms.leaseClass === leaseClass) run.leaseOver(graceMs)
  }

  /** A leader is there, with lines up to these offsets. */
  relink(offsets: readonly LineOffset[]): void {
    for (const run of this.#runs.values()) run.relink(offsets)
  }

  linesReady(): void {
    for (const run of this.#runs.values()) run.linesReady()
  }

  linesAcked(offsets: readonly LineOffset[]): void {
    for (const { fence, stream, offset } of offsets) this.#runs.get(fence)?.linesAcked(stream, offset)
  }

  /** The leader has these reports; there may be room for one that was held back. */
  acked(mark: UplinkMark): void {
    for (const [fence, told] of this.#toldEnds) {
      const isAcked = told.mark.incarnation === mark.incarnation && told.mark.uplinkSeq <= mark.uplinkSeq
      if (isAcked) this.#toldEnds.delete(fence)
    }
    for (const run of [...this.#unreported]) {
      run.reportEnd()
      run.acked(mark)
      if (run.isReported) this.#unreported.delete(run)
    }
  }

  sample(): void {
    for (const run of this.#runs.values()) void run.sample()
  }

  get stallDueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY
    for (const run of this.#runs.values()) dueMs = Math.min(dueMs, run.stallDueMs)
    return dueMs
  }

  /** Ends every run; they are told as lost. Resolves when no process is left. */
  async close(graceMs: number): Promise<void> {
    this.#life = 'closing'
    for (const run of [...this.#live]) run.stop('shutdown', graceMs)
    for (const { run, prepared } of this.#unleased.values()) run.start(prepared)
    this.#unleased.clear()
    await this.#options.host.shutdown(graceMs)
    for (const run of this.#runs.values()) run.close()
  }

  onAdopted(adopted: AdoptedRun): void {
    const { terms, stdinOpen, ranMs } = adopted
    this.#add(adopted, { terms, stdinOpen, ranMs }).adopt(adopted)
    this.#options.onLiveChanged()
  }

  onStarted(fence: number, pid: number): void {
    this.#runs.get(fence)?.started(pid)
  }

  onOutput(fence: number, stream: 'out' | 'err', offset: number, bytes: Uint8Array, done: () => void): void {
    const run = this.#runOf(fence)
    if (run === undefined) done()
    else run.output(stream, offset, bytes, done)
  }

  onOutputGap(fence: number, stream: 'out' | 'err', from: number, to: number): void {
    this.#runOf(fence)?.outputGap(stream, from, to)
  }

  onProgress(fence: number, progress: number | null, text: string | null, partialJson: string | null): void {
    this.#runs.get(fence)?.reported(progress, text, partialJson)
  }

  holdsLease(fence: number): boolean {
    const run = this.#runs.get(fence)
    return run !== undefined && (run.isKept || this.#options.isLeased(run.terms.leaseClass))
  }

  onAsk(fence: number, ask: RunAsk): Promise<JsonBytes> {
    const run = this.#runs.get(fence)
    if (run !== undefined) return this.#options.askLeader(run.ref, ask)
    const message = `This master holds no run with fence ${fence}.`
    return Promise.reject(new ControlError('stale_fence', message))
  }

  onExit(fence: number, exit: HostExit | FunctionExit): void {
    const run = this.#runOf(fence)
    if (run === undefined) return
    run.exited(exit, this.#toldEnds.get(fence)?.mark ?? null)
  }

  /** A fence that only the host knows is of a run that ended under an earlier master. */
  #runOf(fence: number): Run | undefined {
    const known = this.#runs.get(fence)
    if (known !== undefined) return known
    const left = this.#options.host.run(fence)
    if (left === undefined) return undefined
    const { taskId, attempt } = left
    return this.#add({ taskId, attempt, fence }, { terms: unknownTerms, stdinOpen: false, ranMs: 0 })
  }

  /** [LS5] A request may have lain in a buffer for long: only a lease says that the run is still wanted. */
  #startLeased(run: Run, prepared: Prepared): void {
    if (run.isKept || this.#options.isLeased(run.terms.leaseClass)) run.start(prepared)
    else this.#unleased.set(run.ref.fence, { run, prepared })
  }

  #add({ taskId, attempt, fence }: RunRef, begin: RunBegin): Run {
    const run = new Run(this.#context, { taskId, attempt, fence }, begin)
    this.#runs.set(fence, run)
    this.#live.add(run)
    this.#liveOfClass[run.terms.leaseClass] += 1
    this.#seenFences.set(fence, true)
    this.#newestFence.set(taskId, Math.max(fence, this.#newestFence.get(taskId) ?? 0))
    return run
  }

  #ended(run: Run): void {
    const { fence } = run.ref
    this.#live.delete(run)
    this.#liveOfClass[run.terms.leaseClass] -= 1
    if (!run.isReported) this.#unreported.add(run)
    this.#options.onLiveChanged()
    const next = this.#following.get(fence)
    this.#following.delete(fence)
    next?.()
  }

  /** Lets go what the leader has, and, beyond the limit, what it has the end of. */
  #changed(run: Run): void {
    if (run.isSettled) this.#release(run)
    if (this.#runs.size - this.#live.size <= limits.runsEndedMax) return
    for (const one of this.#runs.values()) {
      if (!one.isReported) continue
      this.#release(one)
      return
    }
  }

  /** What is un-acked is on disk before a spool is deleted. */
  #release(run: Run): void {
    run.close()
    this.#runs.delete(run.ref.fence)
    this.#unreported.delete(run)
    if (this.#toRelease.size === 0) void this.#flushAndRelease()
    this.#toRelease.add(run.ref.fence)
  }

  async #flushAndRelease(): Promise<void> {
    try {
      await this.#options.outbox.flush()
      for (const fence of this.#toRelease) this.#options.host.release(fence)
    } catch (error) {
      this.#options.log.error('the outbox cannot be written; output is kept', { error })
    }
    this.#toRelease.clear()
  }
}
