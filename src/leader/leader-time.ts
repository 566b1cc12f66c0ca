import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'

/**
 * The leader's time in Unix ms: the wall clock's, but a step back of it (also across a restart) is not followed, so
 * that time neither goes back nor stands still until the clock is there again, and what is due comes when it is due.
 */
export class LeaderTime {
  readonly #clock: Clock
  /** How far this time is before the wall clock, because that stepped back. */
  #aheadMs: number
  #lastWallMs: number
  #lastMonotonicMs: number
  #forwardMs = 0

  /** `lastAtMs`: the newest time that the log knows. */
  constructor(clock: Clock, lastAtMs: number) {
    this.#clock = clock
    this.#lastWallMs = clock.wallMs()
    this.#lastMonotonicMs = clock.monotonicMs()
    this.#aheadMs = Math.max(0, lastAtMs - this.#lastWallMs)
  }

  nowMs(): number {
    this.#look()
    return this.#lastWallMs + this.#aheadMs
  }

  /** Ms by which the time jumped forward since the last call; 0 for less than limits.clockStepMs. */
  takeForwardStep(): number {
    this.#look()
    const byMs = this.#forwardMs
    this.#forwardMs = 0
    return byMs
  }

  #look(): void {
    const wallMs = this.#clock.wallMs()
    const monotonicMs = this.#clock.monotonicMs()
    const byMs = Math.round(wallMs - this.#lastWallMs - (monotonicMs - this.#lastMonotonicMs))
    this.#lastWallMs = wallMs
    this.#lastMonotonicMs = monotonicMs
    if (Math.abs(byMs) <= limits.clockStepMs) return
    const caughtUpMs = byMs < 0 ? byMs : Math.min(byMs, this.#aheadMs)
    this.#aheadMs -= caughtUpMs
    const jumpMs = byMs - caughtUpMs
    if (jumpMs > limits.clockStepMs) this.#forwardMs += jumpMs
  }
}
