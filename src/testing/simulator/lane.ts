import type { Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'

/** One direction of a connection: first in, first out, each with a latency of its own. */
export class Lane {
  readonly #clock: SimClock
  readonly #latencyMs: () => number
  #inFlight: { act: () => void; due: boolean }[] = []
  #lastAtMs = 0
  #blocked = false
  #broken = false

  constructor(clock: SimClock, latencyMs: () => number) {
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  get isBlocked(): boolean {
    return this.#blocked
  }

  get isBroken(): boolean {
    return this.#broken
  }

  push(act: () => void): void {
    if (this.#broken) return
    const item = { act, due: false }
    this.#inFlight.push(item)
    const nowMs = this.#clock.monotonicMs()
    this.#lastAtMs = Math.max(this.#lastAtMs, nowMs + this.#latencyMs())
    this.#clock.after(this.#lastAtMs - nowMs, () => {
      item.due = true
      this.#deliver()
    })
  }

  /** While blocked nothing arrives; what was sent arrives afterwards, as TCP sends it again. */
  setBlocked(blocked: boolean): void {
    this.#blocked = blocked
    if (!blocked) this.#clock.soon(() => this.#deliver())
  }

  /** The connection breaks: a tail of what is in flight never arrives, and nothing that is sent later. */
  cut(random: Seeded): void {
    this.#inFlight.length = random.int(0, this.#inFlight.length)
    this.#broken = true
  }

  #deliver(): void {
    while (!this.#blocked && this.#inFlight[0]?.due === true) this.#inFlight.shift()?.act()
  }
}
