import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import { builtInRetention } from '../core/retention/retention.js'
import type { State } from '../core/state.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { Journal, SampleRow, Views } from '../ports/store.js'
import type { Streams } from '../ports/streams.js'
import type { Projector } from './projector.js'
import { RetiredKeys } from './retired-keys.js'
import { systemInput } from './turn-loop.js'

export interface HousekeepingOptions {
  readonly state: State
  readonly journal: Journal
  readonly views: Views
  readonly streams: Streams
  readonly clock: Clock
  readonly log: Log
  readonly projector: Projector
  readonly onFatal: (reason: string, cause: unknown) => void
}

/** What keeps the leader bounded: tasks that retire, samples that are thinned, logs that are trimmed. */
export class Housekeeping {
  readonly retiredKeys = new RetiredKeys()
  readonly #options: HousekeepingOptions
  /** Newest sample per node since the last round. */
  #samples = new Map<string, SampleRow>()
  #timer: Timer | null = null
  #round: Promise<void> = Promise.resolve()
  #keysLoaded: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(options: HousekeepingOptions) {
    this.#options = options
  }

  start(): void {
    this.#keysLoaded = this.#loadKeys().catch((failure: unknown) =>
      this.#options.onFatal('the keys of tasks that retired cannot be read', failure),
    )
    this.#nextRound()
  }

  #nextRound(): void {
    this.#timer = this.#options.clock.after(limits.housekeepingMs, () => {
      this.#round = this.#tidy().catch((failure: unknown) =>
        this.#options.onFatal('the stores cannot be tidied', failure),
      )
      void this.#round.then(() => {
        if (this.#timer !== null) this.#nextRound()
      })
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Resolves when the round that runs (if any) is over, and nothing is loaded any more. */
  async settled(): Promise<void> {
    await Promise.all([this.#round, this.#keysLoaded])
  }

  /** [ID4] Behind the leader's start: there may be very many. Until then every key is looked up. */
  async #loadKeys(): Promise<void> {
    const { state, views, clock } = this.#options
    const throughSeq = state.cluster?.retiredThroughSeq ?? 0
    const sinceMs = clock.wallMs() - limits.idempotencyKeptMs
    for await (const page of views.retiredKeys({ throughSeq, sinceMs })) {
      if (this.#isStopped) return
      for (const { clientId, key } of page) this.retiredKeys.load(clientId, key)
    }
    this.retiredKeys.loaded()
  }

  keepSample(row: SampleRow): void {
    this.#samples.set(row.nodeId, row)
  }

  /**
   * Retires finished tasks over limits.tasksFinishedKept (by more than the slack), the oldest first and never above what
   * is projected, at most limits.tasksRetireMax. Asked only when no other input waits, and again after each that it gave.
   */
  whenQuiet(): Input | null {
    const { state, projector } = this.#options
    const { finishedTasks, reopenedSeq } = state.index
    const excess = finishedTasks.size - limits.tasksFinishedKept
    if (excess < limits.tasksRetireSlack) return null
    // Until then the views have it as over, and would list it among what retires.
    if (reopenedSeq > projector.projectedSeq) return null
    const last = finishedTasks.seqAt(Math.min(excess, limits.tasksRetireMax)) ?? 0
    const throughSeq = Math.min(last, projector.projectedSeq)
    const retiring = finishedTasks.through(throughSeq)
    if (retiring.length === 0) return null
    for (const taskId of retiring) {
      const task = state.task(taskId)
      if (task?.spec.idempotencyKey != null) this.retiredKeys.add(task.clientId, task.spec.idempotencyKey)
    }
    return systemInput({ name: 'retire_tasks', throughSeq })
  }

  async #tidy(): Promise<void> {
    const { state, views, streams, journal, projector, clock } = this.#options
    const rows = [...this.#samples.values()]
    this.#samples = new Map()
    if (rows.length > 0) await views.writeSamples(rows)
    const kept = state.cluster?.retention ?? builtInRetention
    while (await streams.trimLines(kept.lines)) await this.#letTurnsRun()
    const retention = {
      beforeSeq: Math.min(projector.projectedSeq, projector.keyframeSeq),
      olderThanMs: clock.wallMs() - kept.journalMs,
      bytesMax: kept.journalBytes,
    }
    while (await journal.retain(retention)) await this.#letTurnsRun()
  }

  /** A step is short; many of them in a row would hold up every group behind them. */
  #letTurnsRun(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.soon(resolve))
  }
}
