import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Load } from '../core/placement/strategy.js'
import type { LeaseFacts } from '../core/runs/lease.js'
import { observeLoads } from '../core/schedule.js'
import type { State } from '../core/state.js'
import { type Made, type Outcome, runCascade, runInput, runSchedule } from '../core/turn.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { CrashNotes } from '../ports/crash-notes.js'
import type { Log } from '../ports/log.js'
import type { AppendOutcome, EncodedEvent, Group, Journal } from '../ports/store.js'
import { Gate } from './gate.js'
import { LeaderTime } from './leader-time.js'
import { crashOrigin } from './quarantine.js'

export interface TurnLoopOptions {
  readonly state: State
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  /** Told of the update that a rule breaks on, before `onFatal`. */
  readonly crashNotes: CrashNotes
  /** Called on the working state right after a turn; what it returns runs once the turn is committed. */
  readonly prepare: (made: Made, encoded: readonly EncodedEvent[]) => Release
  readonly leases: LeaseFacts
  /** Newest samples of masters that came since it was asked last. */
  readonly loads: () => ReadonlyMap<string, Load>
  /** One more input when nothing else waits (housekeeping), or null; asked again after each that it gave. */
  readonly whenQuiet: () => Input | null
  /** The process must end: deposed, a broken rule, or a journal that failed. */
  readonly onFatal: (reason: string, cause?: unknown) => void
}

/** What a commit releases. */
export interface Release {
  /** Commands to masters: at once. */
  readonly handOver: () => void
  /** Everything else, before the answers: a tick later, so that the commands are on the wire by then. */
  readonly tell: () => void
}

interface Waiting {
  readonly input: Input
  readonly done: (outcome: Outcome) => void
}

const refusedWhenFull: ReadonlySet<string> = new Set([
  'submit_task',
  'submit_batch',
  'start_work',
  'fire_schedule',
  'fire_trigger',
])
const retryFullMs = 250
/** Half of a turn is kept for placing what waits, so that a flood of submits never keeps tasks from starting. */
const inputEventsMax = limits.turnEventsMax / 2

/**
 * The leader's heart: takes the inputs of a tick in order, decides and folds them, appends one group, and releases
 * what they answer when it is durable. One group is in flight; inputs gather behind it, at most limits.turnInputsMax.
 */
export class TurnLoop {
  readonly gate = new Gate()
  readonly #options: TurnLoopOptions
  #waiting: Waiting[] = []
  #phase: 'idle' | 'scheduled' | 'deciding' | 'appending' | 'stopped' = 'idle'
  /** The group in flight found no space. */
  #isRetrying = false
  #mayPlaceMore = false
  #owesMore = false
  #mayTidyMore = false
  #timer: Timer | null = null
  readonly #time: LeaderTime
  #stoppedCallbacks: (() => void)[] = []

  constructor(options: TurnLoopOptions) {
    this.#options = options
    this.#time = new LeaderTime(options.clock, options.state.lastAtMs)
    this.gate.open(options.state.headSeq)
  }

  /** The leader's time, by which credentials and everything due are judged. */
  nowMs(): number {
    return Math.max(this.#options.state.lastAtMs, this.#time.nowMs())
  }

  /** `disk_full` from the first group that found no space until the journal has room again. */
  get admission(): 'open' | 'disk_full' {
    return this.#isRetrying || this.#options.journal.spaceLow ? 'disk_full' : 'open'
  }

  /** `done` is called exactly once: after the commit, or with a refusal. Never throws. */
  offer(input: Input, done: (outcome: Outcome) => void): void {
    const refusal = this.#refusal(input)
    if (refusal !== null) {
      done({ ok: false, error: refusal })
      return
    }
    this.#waiting.push({ input, done })
    this.#wake()
  }

  /** Finishes the group in flight; inputs that wait are refused. */
  stop(): Promise<void> {
    const wasAppending = this.#phase === 'appending'
    this.#phase = 'stopped'
    this.#timer?.cancel()
    const left = this.#waiting
    this.#waiting = []
    for (const { done } of left) done({ ok: false, error: leaving() })
    return wasAppending ? new Promise((resolve) => this.#stoppedCallbacks.push(resolve)) : Promise.resolve()
  }

  /** Decides what is due, and places what waits, at the next tick. */
  wake(): void {
    this.#wake()
  }

  #refusal(input: Input): ControlError | null {
    if (this.#phase === 'stopped') return leaving()
    if (this.admission === 'disk_full' && refusedWhenFull.has(input.command.name)) {
      return new ControlError(
        'resource_exhausted',
        'the disk of the leader is full; free some space and submit again',
      )
    }
    if (this.#waiting.length >= limits.turnInputsMax && input.principal.kind === 'user') {
      return new ControlError(
        'resource_exhausted',
        `${limits.turnInputsMax} calls wait for the leader; try again`,
      )
    }
    return null
  }

  #wake(): void {
    if (this.#phase === 'idle') {
      this.#phase = 'scheduled'
      this.#options.clock.soon(() => this.#takeTurn())
    }
    // What comes in one tick may fill many turns: what waits would outlive the young heap.
    if (this.#isTurnFull) this.#takeTurn()
  }

  get #isTurnFull(): boolean {
    return this.#waiting.length >= inputEventsMax
  }

  #takeTurn(): void {
    if (this.#phase !== 'scheduled') return
    this.#phase = 'deciding'
    try {
      this.#turn()
    } catch (broken) {
      this.#fatal('a rule is broken', broken)
    }
  }

  #turn(): void {
    const { state } = this.#options
    const made: Made = { events: [], changed: [] }
    const decided: { readonly waiting: Waiting; readonly outcome: Outcome }[] = []
    const nowMs = this.nowMs()
    this.#noteClockStep(made, nowMs)
    const take = (waiting: Waiting): void => {
      decided.push({ waiting, outcome: this.#decide(waiting.input, nowMs, made) })
    }
    let taken = 0
    for (const waiting of this.#waiting) {
      if (made.events.length >= inputEventsMax || !hasRoom(made, waiting.input)) break
      take(waiting)
      taken += 1
    }
    this.#waiting.splice(0, taken)
    this.#runDueTimers(made, nowMs)
    this.#owesMore = runCascade(state, nowMs, made, limits.turnCascadeEventsMax)
    observeLoads(state, this.#options.loads())
    this.#mayPlaceMore = runSchedule(state, nowMs, made, limits.turnEventsMax)
    const isQuiet = this.#waiting.length === 0 && !this.#mayPlaceMore && !this.#owesMore
    const quiet = isQuiet ? this.#options.whenQuiet() : null
    if (quiet !== null) take({ input: quiet, done: () => undefined })
    this.#mayTidyMore = quiet !== null
    // Whoever is answered may read the state at once: it must be the committed one, the whole turn's.
    this.gate.when(state.headSeq, () => {
      for (const { waiting, outcome } of decided) waiting.done(outcome)
    })
    if (made.events.length > 0) this.#append(made)
    else this.#afterTurn()
  }

  #decide(input: Input, nowMs: number, made: Made): Outcome {
    try {
      return runInput(this.#options.state, input, nowMs, made)
    } catch (broken) {
      this.#noteCrash(input)
      throw broken
    }
  }

  /** [QU1] A note that cannot be written must not hide what is broken: the next crash may be noted. */
  #noteCrash(input: Input): void {
    const origin = crashOrigin(input)
    if (origin === null) return
    try {
      this.#options.crashNotes.note(origin)
    } catch (failure) {
      this.#options.log.error('the update that broke a rule cannot be noted', { ...origin, error: failure })
    }
  }

  #noteClockStep(made: Made, nowMs: number): void {
    const byMs = this.#time.takeForwardStep()
    if (byMs > 0) runInput(this.#options.state, systemInput({ name: 'step_clock', byMs }), nowMs, made)
  }

  #runDueTimers(made: Made, nowMs: number): void {
    const { state, leases } = this.#options
    const dueMs = state.index.due.nextAtMs
    if (dueMs !== null && dueMs <= nowMs)
      runInput(state, systemInput({ name: 'fire_timers', leases }), nowMs, made)
  }

  #append(made: Made): void {
    const { state } = this.#options
    const encoded = made.events.map(encodeEvent)
    const release = this.#options.prepare(made, encoded)
    const group: Group = { term: state.term, firstSeq: encoded[0]?.seq ?? 0, events: encoded }
    this.#phase = 'appending'
    this.#commit(group, release)
  }

  #commit(group: Group, release: Release): void {
    this.#options.journal.append(group).then(
      (outcome) => this.#onOutcome(outcome, group, release),
      (failure: unknown) => this.#fatal('the journal failed', failure),
    )
  }

  #onOutcome(outcome: AppendOutcome, group: Group, release: Release): void {
    switch (outcome.kind) {
      case 'committed':
        this.#isRetrying = false
        release.handOver()
        if (this.#isTurnFull) this.#release(release, outcome.seq)
        else this.#options.clock.soon(() => this.#release(release, outcome.seq))
        return
      case 'full':
        if (!this.#isRetrying)
          this.#options.log.error('the disk is full: new submits are refused until there is space')
        this.#isRetrying = true
        this.#options.clock.after(retryFullMs, () => this.#commit(group, release))
        return
      case 'deposed':
        this.#fatal('another process leads this log now')
        return
    }
  }

  #release(release: Release, seq: number): void {
    release.tell()
    this.gate.open(seq)
    this.#afterTurn()
  }

  #afterTurn(): void {
    const { state, clock } = this.#options
    if (this.#phase === 'stopped') {
      for (const resolve of this.#stoppedCallbacks) resolve()
      return
    }
    this.#phase = 'idle'
    if (this.#waiting.length > 0 || this.#mayPlaceMore || this.#owesMore || this.#mayTidyMore) {
      this.#wake()
      return
    }
    this.#timer?.cancel()
    this.#timer = null
    const dueMs = state.index.due.nextAtMs
    if (dueMs !== null) this.#timer = clock.after(Math.max(0, dueMs - this.nowMs()), () => this.#wake())
  }

  #fatal(reason: string, cause?: unknown): void {
    this.#phase = 'stopped'
    for (const resolve of this.#stoppedCallbacks) resolve()
    this.#options.onFatal(reason, cause)
  }
}

/** An atomic batch is one group with all that it makes, so it begins a turn when the one under way is too full for it. */
const hasRoom = (made: Made, { command }: Input): boolean =>
  command.name !== 'submit_batch' ||
  made.events.length === 0 ||
  made.events.length + command.items.length <= inputEventsMax

const leaving = (): ControlError =>
  new ControlError('unavailable', 'the leader is stopping; try again in a moment')

/** As the journal keeps it. */
export const encodeEvent = (event: LogEvent): EncodedEvent => ({
  seq: event.seq,
  atMs: event.atMs,
  json: JSON.stringify(event),
})

/** An input of the leader's own. */
export function systemInput(command: Input['command'], traceId = ''): Input {
  return {
    command,
    principal: { kind: 'system', id: 'system' },
    via: 'system',
    projectId: null,
    traceId,
    deadlineMs: null,
  }
}
