import type { Rate } from './limit.js'

/**
 * A token bucket by the time of events, as the generic cell rate algorithm has it: one number, the time at which it is
 * full again, kept in ms × count so that it stays whole. A start takes a token, also one that is not there.
 */
export class TokenBucket {
  readonly #count: number
  readonly #perMs: number
  #fullAt = 0

  constructor({ count, perMs }: Rate) {
    this.#count = count
    this.#perMs = perMs
  }

  take(atMs: number): void {
    this.#fullAt = Math.max(this.#fullAt, atMs * this.#count) + this.#perMs
  }

  hasToken(atMs: number): boolean {
    return this.#fullAt - atMs * this.#count <= (this.#count - 1) * this.#perMs
  }

  /** The first ms at which it has one. */
  get tokenAtMs(): number {
    return Math.ceil((this.#fullAt - (this.#count - 1) * this.#perMs) / this.#count)
  }

  get fullAtMs(): number {
    return Math.ceil(this.#fullAt / this.#count)
  }

  /** The clock stepped, no time has passed. */
  shift(byMs: number): void {
    this.#fullAt += byMs * this.#count
  }
}
