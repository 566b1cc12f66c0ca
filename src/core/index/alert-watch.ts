/**
 * Since when measures are above what their rules allow, by the root of their alert. Known by this leader only: after a
 * start durations count anew. Bounded by the masters: an entry each measure, and one of the fleet.
 */
export class AlertWatch {
  readonly #above = new Map<string, { readonly sinceMs: number; readonly value: number }>()
  readonly #wanted = new Map<string, number>()

  /** The newest value, when it is above; else null. */
  valueOf(root: string): number | null {
    return this.#above.get(root)?.value ?? null
  }

  /** Notes the value and gives since when it is above without a break, Unix ms. */
  above(root: string, value: number, nowMs: number): number {
    const sinceMs = this.#above.get(root)?.sinceMs ?? nowMs
    this.#above.set(root, { sinceMs, value })
    return sinceMs
  }

  below(root: string): void {
    this.#above.delete(root)
  }

  /** True: nobody looks again by then yet, so the caller sees to it. */
  wants(id: string, atMs: number, nowMs: number): boolean {
    const wanted = this.#wanted.get(id)
    if (wanted !== undefined && wanted > nowMs && wanted <= atMs) return false
    this.#wanted.set(id, atMs)
    return true
  }

  /** The clock stepped and no time has passed. */
  shift(byMs: number): void {
    for (const [root, { sinceMs, value }] of this.#above)
      this.#above.set(root, { sinceMs: sinceMs + byMs, value })
    for (const [id, atMs] of this.#wanted) this.#wanted.set(id, atMs + byMs)
  }
}
