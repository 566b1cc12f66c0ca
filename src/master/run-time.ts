import type { Clock, Timer } from '../ports/clock.js'

/** Time limit of a run, counted while it runs and not while it is paused [RN10]. 0 = none. */
export class RunTime {
  readonly #clock: Clock
  readonly #onOver: () => void
  #leftMs: number
  #running: { readonly sinceMs: number; readonly timer: Timer } | null = null

  /** `ranMs`: how much of it was used before. */
  constructor(limitMs: number, ranMs: number, clock: Clock, onOver: () => void) {
    this.#leftMs = limitMs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, limitMs - ranMs)
    this.#clock = clock
    this.#onOver = onOver
  }

  run(): void {
    if (this.#running !== null || this.#leftMs === Number.POSITIVE_INFINITY) return
    const timer = this.#clock.after(this.#leftMs, this.#onOver)
    this.#running = { sinceMs: this.#clock.monotonicMs(), timer }
  }

  /** Also for good. */
  hold(): void {
    if (this.#running === null) return
    this.#running.timer.cancel()
    this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.monotonicMs() - this.#running.sinceMs))
    this.#running = null
  }
}
