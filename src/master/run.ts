import { asTaskId, fenceOf } from '../core/ids.js'
import type { HeldRun } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { RunEnd } from '../core/runs/run.js'
import type { Clock } from '../ports/clock.js'
import type { ControlSignal, LineOffset, RunRef } from '../ports/node-link.js'
import type { TellOwnNews } from '../ports/own-news.js'
import type {
  AdoptedRun,
  FunctionExit,
  HostExit,
  HostRun,
  RunTerms,
  StopCause,
  TaskHost,
} from '../ports/task-host.js'
import type { Text } from '../ports/text.js'
import { levelOf } from './line-level.js'
import { OutputStream } from './output-stream.js'
import { type CommandedRun, RunCommands } from './run-commands.js'
import { runEnd } from './run-end.js'
import type { Prepared } from './run-payload.js'
import { RunProgress } from './run-progress.js'
import { RunStall } from './run-stall.js'
import { RunTime } from './run-time.js'
import { Tail } from './tail.js'
import type { UplinkMark } from './unacked-updates.js'
import type { Uplink } from './uplink.js'

/** What every run of a master shares. */
export interface RunContext {
  readonly host: TaskHost
  readonly clock: Clock
  readonly text: Text
  readonly uplink: Uplink
  /** A function goes on until it ends: only programs can be paused. */
  readonly canPause: boolean
  /** [FN9] A start is told at the end of its tick, unless the run is over by then: its end tells it. */
  readonly tellsStartLater: boolean
  /** The run is over, also one that never began. */
  readonly onEnded: (run: Run) => void
  /** The run is over and told, or something of it was acked: it may be time to let it go. */
  readonly onChanged: (run: Run) => void
  /** Hears of each line when it is first seen; null = nobody. */
  readonly onNews?: TellOwnNews | null
}

type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'running'; readonly pid: number }
  | { readonly name: 'paused'; readonly pid: number }
  | { readonly name: 'stopping'; readonly pid: number | null; readonly cause: StopCause }
  /** `mark`: the report that is to be acked; null while the outbox has no room for it. */
  | { readonly name: 'ended'; readonly end: RunEnd; readonly mark: UplinkMark | null }

/** Of a run that its host does not know. */
export const nothingWritten: Pick<HostRun, 'outBytes' | 'errBytes'> = { outBytes: 0, errBytes: 0 }

const neverRan: HostExit = {
  kind: 'exited',
  exitCode: null,
  signal: null,
  valueJson: null,
  valueError: null,
}

const streams = ['out', 'err'] as const
type StreamName = (typeof streams)[number]

/** What a run is begun with. `ranMs`: how long it ran under an earlier master. */
export interface RunBegin {
  readonly terms: RunTerms
  readonly stdinOpen: boolean
  readonly ranMs: number
}

/**
 * One run on this master, from its request to the leader's ack of its end and lines. It reports every change of its
 * phase at once, and its end exactly once.
 */
export class Run implements CommandedRun {
  readonly ref: RunRef
  readonly terms: RunTerms
  readonly #context: RunContext
  readonly #time: RunTime
  readonly #progress: RunProgress
  readonly #stall: RunStall
  readonly #tail: Tail
  readonly #output: Readonly<Record<StreamName, OutputStream>>
  readonly #commands: RunCommands
  #phase: Phase = { name: 'starting' }
  #endAcked = false
  /** Monotonic ms of a start that the leader has not been told. */
  #untoldStartMs: number | null = null
  /** Its host was told to start it by this master: of an adopted run the warden keeps the lease. */
  #isHosted = false

  constructor(context: RunContext, ref: RunRef, { terms, stdinOpen, ranMs }: RunBegin) {
    this.ref = ref
    this.terms = terms
    this.#context = context
    this.#tail = new Tail(context.text)
    this.#time = new RunTime(terms.timeoutMs, ranMs, context.clock, () =>
      this.stop('timeout', limits.cancelGraceMs),
    )
    this.#progress = new RunProgress(ref, context.clock, context.uplink)
    this.#stall = new RunStall({
      ...context,
      ref,
      stallAfterMs: terms.stallAfterMs,
      stdinOpen,
      newestLines: (count) => this.#tail.newest(count),
    })
    this.#output = { out: this.#stream('out'), err: this.#stream('err') }
    this.#commands = new RunCommands({ ...context, fence: ref.fence, run: this })
  }

  get phase(): Phase['name'] {
    return this.#phase.name
  }

  get endWords(): string {
    return this.#phase.name === 'ended' ? describeEnd(this.#phase.end) : ''
  }

  get isLive(): boolean {
    return this.#phase.name !== 'ended'
  }

  /** It may run on without a lease: nobody starts it elsewhere. */
  get isKept(): boolean {
    return this.terms.onDisconnect === 'keep'
  }

  get isRunning(): boolean {
    return this.#phase.name === 'running'
  }

  /** The leader has everything that is to be known of it. */
  get isSettled(): boolean {
    return this.isReported && streams.every((stream) => this.#output[stream].isAcked)
  }

  /** The leader has its end. */
  get isReported(): boolean {
    return this.#phase.name === 'ended' && this.#endAcked
  }

  /** As the leader is told when a stream begins; `bytes` as the host has them. */
  held(bytes: Pick<HostRun, 'outBytes' | 'errBytes'>): HeldRun {
    const { taskId, attempt, fence } = this.ref
    return {
      taskId: asTaskId(taskId),
      attempt,
      fence: fenceOf(fence),
      state: this.#phase.name,
      pid: 'pid' in this.#phase ? this.#phase.pid : null,
      outBytes: bytes.outBytes,
      errBytes: bytes.errBytes,
    }
  }

  /** What cannot be started ends at once, and what was cancelled while it waited for its start too. */
  start(prepared: Prepared): void {
    if (this.#phase.name === 'stopping') this.exited(neverRan)
    else if (prepared.ok) {
      this.#isHosted = true
      this.#context.host.start(prepared.start)
    } else this.exited({ kind: 'spawn_failed', message: prepared.message })
  }

  /** Ends without having been started. */
  refuse(message: string): void {
    this.exited({ kind: 'lost', message })
  }

  /** An earlier master started it; it goes on where its host says it is. */
  adopt({ state, pid, progress }: AdoptedRun): void {
    if (state === 'starting' || pid === null) return
    this.started(pid)
    if (state === 'paused') this.paused()
    if (progress !== null) this.#progress.report(progress.value, progress.text)
  }

  started(pid: number): void {
    if (this.#phase.name !== 'starting') return
    this.#progress.pid = pid
    if (this.#context.tellsStartLater) this.#startQuietly(pid)
    else this.#enter({ name: 'running', pid })
    this.#time.run()
    this.#stall.resume()
  }

  #startQuietly(pid: number): void {
    const { clock } = this.#context
    this.#phase = { name: 'running', pid }
    this.#untoldStartMs = clock.monotonicMs()
    clock.soon(() => this.#tellStart())
  }

  #tellStart(): void {
    if (this.#phase.name === 'running' && this.#untoldStartMs !== null) this.#enter(this.#phase)
  }

  output(stream: StreamName, offset: number, bytes: Uint8Array, done: () => void): void {
    this.#output[stream].receive(offset, bytes, done)
  }

  outputGap(stream: StreamName, from: number, to: number): void {
    this.#output[stream].gap(from, to)
  }

  reported(progress: number | null, text: string | null, partialJson: string | null = null): void {
    if (!this.isLive) return
    // Nothing is told of a run that was not told to run.
    this.#tellStart()
    const isNew = this.#progress.report(progress, text, partialJson)
    this.#stall.active({ isNew })
  }

  exited(exit: HostExit | FunctionExit, told: UplinkMark | null = null): void {
    if (this.#phase.name === 'ended') return
    const cause = this.#phase.name === 'stopping' ? this.#phase.cause : null
    this.#time.hold()
    this.#stall.close()
    this.#progress.close()
    const held = this.#context.host.run(this.ref.fence)
    const { outBytes, errBytes } = held ?? nothingWritten
    this.#output.out.finish(outBytes)
    this.#output.err.finish(errBytes)
    const end = runEnd({
      exit,
      cause,
      timeoutMs: this.terms.timeoutMs,
      tail: this.#tail.text(),
      outBytes,
      errBytes,
      progress: this.#progress.value,
      ranMs: this.#ranUntoldMs,
    })
    this.#phase = { name: 'ended', end, mark: told }
    this.reportEnd()
    this.#commands.ended()
    this.#context.onEnded(this)
    this.#context.onChanged(this)
  }

  /** Tells the end if it is not told yet: the outbox may have been full. */
  reportEnd(): void {
    if (this.#phase.name !== 'ended' || this.#phase.mark !== null) return
    const { end } = this.#phase
    const mark = this.#context.uplink.put({ kind: 'ended', ...this.ref, end })
    this.#phase = { name: 'ended', end, mark }
  }

  /** Does what a control signal asks. */
  control(signal: ControlSignal): void {
    this.#commands.control(signal)
  }

  cancel(): void {
    this.stop('cancel', limits.cancelGraceMs)
  }

  paused(): void {
    if (this.#phase.name !== 'running') return
    this.#time.hold()
    this.#stall.hold()
    this.#enter({ name: 'paused', pid: this.#phase.pid })
  }

  resumed(): void {
    if (this.#phase.name !== 'paused') return
    this.#enter({ name: 'running', pid: this.#phase.pid })
    this.#time.run()
    this.#stall.resume()
  }

  /** TERM, and KILL after the grace; for a function, its abort signal. The first cause is the one that the end tells. */
  stop(cause: StopCause, graceMs: number): void {
    if (this.#phase.name === 'ended' || this.#phase.name === 'stopping') return
    const pid = 'pid' in this.#phase ? this.#phase.pid : null
    this.#time.hold()
    this.#stall.hold()
    this.#enter({ name: 'stopping', pid, cause })
    this.#context.host.stop(this.ref.fence, {
      graceMs,
      cause,
      onStep: (step, processes) => this.#commands.stopping(step, processes, graceMs),
    })
  }

  /** [LS2] Nothing of it is left after this time, also if it is being stopped with a longer grace. */
  leaseOver(graceMs: number): void {
    if (!this.#isHosted || this.isKept) return
    if (this.#phase.name === 'stopping') {
      this.#context.host.stop(this.ref.fence, { graceMs, onStep: () => undefined })
    } else this.stop('lease', graceMs)
  }

  /** One look at usage and stall. */
  async sample(): Promise<void> {
    if (!this.isRunning) return
    const usage = await this.#context.host.usage(this.ref.fence)
    if (!this.isRunning) return
    if (usage !== null) this.#progress.used(usage)
    this.#stall.check(usage)
  }

  /** When a stall may be due, monotonic ms. */
  get stallDueMs(): number {
    return this.isRunning ? this.#stall.dueMs : Number.POSITIVE_INFINITY
  }

  /** A leader is there: it has lines up to these offsets. */
  relink(offsets: readonly LineOffset[]): void {
    if (this.isLive) this.#progress.relink()
    for (const name of streams) {
      const known = offsets.find(({ fence, stream }) => fence === this.ref.fence && stream === name)
      this.#output[name].relink(known?.offset ?? null)
    }
    this.#context.onChanged(this)
  }

  linesReady(): void {
    for (const name of streams) this.#output[name].ready()
  }

  linesAcked(stream: StreamName, offset: number): void {
    this.#output[stream].acked(offset)
    this.#context.onChanged(this)
  }

  acked(acked: UplinkMark): void {
    if (this.#phase.name !== 'ended' || this.#endAcked) return
    const { mark } = this.#phase
    if (mark === null || mark.incarnation !== acked.incarnation || mark.uplinkSeq > acked.uplinkSeq) return
    this.#endAcked = true
    this.#context.onChanged(this)
  }

  /** Nothing of it may fire any more. */
  close(): void {
    for (const name of streams) this.#output[name].close()
  }

  get #ranUntoldMs(): number | null {
    if (this.#untoldStartMs === null) return null
    return Math.round(this.#context.clock.monotonicMs() - this.#untoldStartMs)
  }

  #enter(phase: Extract<Phase, { name: 'running' | 'paused' | 'stopping' }>): void {
    this.#phase = phase
    if (phase.name === 'running') this.#untoldStartMs = null
    this.#context.uplink.put({ kind: 'run', ...this.ref, state: phase.name, pid: phase.pid })
  }

  #stream(name: StreamName): OutputStream {
    const { clock, text, host, uplink, onNews } = this.#context
    return new OutputStream(this.ref, name, {
      clock,
      text,
      rewind: (offset) => host.rewind(this.ref.fence, name, offset),
      offer: (entry) => uplink.offerLines(entry),
      onActivity: () => this.#stall.active({ isNew: false }),
      onLine: (line) => {
        this.#tail.push(line)
        this.#stall.line(line)
        onNews?.({
          kind: 'line',
          ...this.ref,
          atMs: clock.wallMs(),
          stream: name,
          level: levelOf(line, name),
          text: line,
        })
      },
    })
  }
}

function describeEnd(end: RunEnd): string {
  if (end.exitCode !== null) return `exit code ${end.exitCode}`
  return end.signal === null ? (end.message ?? end.outcome) : `ended by ${end.signal}`
}
