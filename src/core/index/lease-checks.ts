import type { Due, DueHeap } from './due.js'

/** When the leases of a node's runs are looked at next: one due time a node, however many runs it holds. */
export class LeaseChecks {
  readonly #due: DueHeap
  readonly #nextAtMs = new Map<string, number>()

  constructor(due: DueHeap) {
    this.#due = due
  }

  /** Looks at this time at the latest. */
  wantBy(nodeId: string, atMs: number): void {
    const nextAtMs = this.#nextAtMs.get(nodeId)
    if (nextAtMs !== undefined && nextAtMs <= atMs) return
    this.#nextAtMs.set(nodeId, atMs)
    this.#due.push({ atMs, kind: 'lease', id: nodeId })
  }

  /** False for an entry of the heap that an earlier one replaced. Afterwards none is wanted. */
  take(due: Due): boolean {
    if (this.#nextAtMs.get(due.id) !== due.atMs) return false
    this.#nextAtMs.delete(due.id)
    return true
  }

  shift(byMs: number): void {
    for (const [nodeId, atMs] of this.#nextAtMs) this.#nextAtMs.set(nodeId, atMs + byMs)
  }
}
