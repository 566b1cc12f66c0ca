import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Runs } from './runs.js'

/**
 * Looks at every run each limits.stallCheckIntervalMs, and in between exactly when a stall is due, so that an alert comes
 * with its limit and not up to a second later. Idle while no run is held.
 */
export class RunSampler {
  readonly #clock: Clock
  readonly #runs: Runs
  #timer: Timer | null = null

  constructor(clock: Clock, runs: Runs) {
    this.#clock = clock
    this.#runs = runs
  }

  /** A run began or ended. */
  update(): void {
    const isNeeded = this.#runs.live.size > 0
    if (isNeeded && this.#timer === null) this.#next()
    if (!isNeeded) this.stop()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #next(): void {
    const dueInMs = this.#runs.stallDueMs - this.#clock.monotonicMs()
    const waitMs = dueInMs > 0 ? Math.min(dueInMs, limits.stallCheckIntervalMs) : limits.stallCheckIntervalMs
    this.#timer = this.#clock.after(waitMs, () => {
      this.#runs.sample()
      this.#next()
    })
  }
}
