import { limits } from '../limits.js'

/** Share of the newest run in the average. */
const newest = 0.2

/**
 * Moving averages of how long runs take, by type; the types that ended longest ago give way. The type that ended last
 * stands apart, because nearly always the next run is of it too.
 */
export class ResponseTimes {
  #lastType: string | null = null
  #lastMs = 0
  /** All other types, the one that ended longest ago first. */
  #others: Map<string, number> | null = null

  of(type: string): number | null {
    return type === this.#lastType ? this.#lastMs : (this.#others?.get(type) ?? null)
  }

  add(type: string, tookMs: number): void {
    const known = this.of(type)
    if (this.#lastType !== null && this.#lastType !== type) this.#setAside(type)
    this.#lastType = type
    this.#lastMs = known === null ? tookMs : known + newest * (tookMs - known)
  }

  /** Another type than the last one ended. */
  #setAside(type: string): void {
    this.#others ??= new Map()
    this.#others.delete(type)
    if (this.#lastType !== null) this.#others.set(this.#lastType, this.#lastMs)
    if (this.#others.size < limits.responseTypesKept) return
    const [oldest] = this.#others.keys()
    if (oldest !== undefined) this.#others.delete(oldest)
  }
}
