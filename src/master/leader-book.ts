import { limits } from '../core/limits.js'

/** Addresses of leaders, tried in turn: those that a leader named first, the configured ones always. */
export class LeaderBook {
  readonly #configured: readonly string[]
  #learned: readonly string[] = []
  #next = 0

  /** `configured` must not be empty. */
  constructor(configured: readonly string[]) {
    this.#configured = configured
  }

  /** These are tried next, in this order. At most limits.leadersLearnedMax are kept. */
  prefer(addresses: readonly string[]): void {
    const all = [...new Set([...addresses, ...this.#learned])].filter((address) => address !== '')
    this.#learned = all.slice(0, limits.leadersLearnedMax)
    this.#next = 0
  }

  next(): string {
    const all = [...new Set([...this.#learned, ...this.#configured])]
    const address = all[this.#next % all.length]
    this.#next += 1
    if (address === undefined) throw new Error('a master needs the address of a leader')
    return address
  }
}
