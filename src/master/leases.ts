import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Uplink } from './uplink.js'

/**
 * Renews the leases of all held runs by one message, while there are any and a leader is there. When they run out,
 * `onLost` is told, once until the next grant.
 */
export class Leases {
  readonly #clock: Clock
  readonly #uplink: Uplink
  readonly #onLost: () => void
  #renewMs: number | null = null
  #isHeld = false
  #timer: Timer | null = null
  /** Until when the newest grant holds, monotonic ms, counted from the sending of its renewal. */
  #untilMs = 0
  #lostTimer: Timer | null = null

  constructor(clock: Clock, uplink: Uplink, onLost: () => void) {
    this.#clock = clock
    this.#uplink = uplink
    this.#onLost = onLost
  }

  /** A leader is there and wants a renewal so often, ms. */
  start(renewMs: number): void {
    this.#renewMs = renewMs
    this.#next()
  }

  stop(): void {
    this.#renewMs = null
    this.#next()
  }

  /** Whether any run is held. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.#next()
    // The leader counts on a run from its assignment on, before any renewal.
    if (isHeld) this.#extend(this.#clock.monotonicMs() + limits.leaseTtlMs)
    else this.#lostTimer?.cancel()
  }

  /** `sentAtMs` is the renewal's own. */
  granted(sentAtMs: number, ttlMs: number): void {
    this.#extend(sentAtMs + ttlMs)
  }

  #extend(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs)
    this.#lostTimer?.cancel()
    if (!this.#isHeld) return
    this.#lostTimer = this.#clock.after(this.#untilMs - this.#clock.monotonicMs(), this.#onLost)
  }

  #next(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#renewMs === null || !this.#isHeld) return
    this.#uplink.traffic({ kind: 'lease', sentAtMs: Math.floor(this.#clock.monotonicMs()) })
    this.#timer = this.#clock.after(this.#renewMs, () => this.#next())
  }
}
