/**
 * Token bucket: as many messages at once as one second allows, then `perSecond`. Instead of dropping, it says how long
 * to stop reading, so that a flooder is held by its own connection.
 */
export class MessageRate {
  readonly #perSecond: number
  #tokens: number
  #lastMs: number

  constructor(options: { readonly perSecond: number; readonly nowMs: number }) {
    this.#perSecond = options.perSecond
    this.#tokens = options.perSecond
    this.#lastMs = options.nowMs
  }

  /** Counts one message; returns the ms to wait before the next is read, 0 = none. */
  take(nowMs: number): number {
    const refill = ((nowMs - this.#lastMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refill) - 1
    this.#lastMs = nowMs
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000)
  }
}
