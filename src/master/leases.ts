import type { Clock, Timer } from '../ports/clock.js'
import type { Uplink } from './uplink.js'

/**
 * Renews the leases of all held runs by one message, while there are any and a leader is there. Nothing is killed by a
 * lease that ran out.
 */
export class Leases {
  readonly #clock: Clock
  readonly #uplink: Uplink
  #renewMs: number | null = null
  #isHeld = false
  #timer: Timer | null = null
  #untilMs: number | null = null

  constructor(clock: Clock, uplink: Uplink) {
    this.#clock = clock
    this.#uplink = uplink
  }

  /** Until when the newest grant holds, monotonic ms, counted from the sending of its renewal; null without one. */
  get untilMs(): number | null {
    return this.#untilMs
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
  }

  /** `sentAtMs` is the renewal's own. */
  granted(sentAtMs: number, ttlMs: number): void {
    this.#untilMs = Math.max(this.#untilMs ?? 0, sentAtMs + ttlMs)
  }

  #next(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#renewMs === null || !this.#isHeld) return
    this.#uplink.traffic({ kind: 'lease', sentAtMs: Math.floor(this.#clock.monotonicMs()) })
    this.#timer = this.#clock.after(this.#renewMs, () => this.#next())
  }
}
