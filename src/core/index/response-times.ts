import { limits } from '../limits.js'

/** Share of the newest run in the average. */
const newest = 0.2

/** Moving averages of how long runs take, by type; the types that ended longest ago give way. */
export class ResponseTimes {
  readonly #byType = new Map<string, number>()

  of(type: string): number | null {
    return this.#byType.get(type) ?? null
  }

  add(type: string, tookMs: number): void {
    const known = this.#byType.get(type)
    this.#byType.delete(type)
    this.#byType.set(type, known === undefined ? tookMs : known + newest * (tookMs - known))
    if (this.#byType.size <= limits.responseTypesKept) return
    const [oldest] = this.#byType.keys()
    if (oldest !== undefined) this.#byType.delete(oldest)
  }
}
