/** Something that is owed at a time. Stale entries are told apart by the caller when they come due. */
export interface Due {
  readonly atMs: number
  readonly kind: DueKind
  readonly id: string
}

export type DueKind =
  /** A delay of a task: so much time passes. */
  | 'task'
  /** A time of day that a task was asked for. */
  | 'run_at'
  /** A task's wait in the queue is too long, its time in all is over. */
  | 'queue_wait'
  | 'end_by'
  | 'node'
  | 'drain'
  | 'declined'
  | 'lease'
  | 'rate'
  | 'receipt'
  | 'credential'
  /** A slot of a schedule. */
  | 'schedule'
  /** A rule of alerts may have been broken for long enough, or is no longer. */
  | 'alert_rule'
  /** An alert that was put aside until then. */
  | 'alert'

/** What is due by the clock on the wall, and not after so much time. */
const byTheClock: ReadonlySet<DueKind> = new Set(['run_at', 'alert'])

/** Binary min-heap over due times; ties go by id so that order never depends on insertion. */
export class DueHeap {
  readonly #items: Due[] = []

  get nextAtMs(): number | null {
    return this.#items[0]?.atMs ?? null
  }

  push(due: Due): void {
    const items = this.#items
    items.push(due)
    let child = items.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#swapIfBefore(child, parent)) break
      child = parent
    }
  }

  /** Puts off by as much what comes after a time: the clock stepped, none has passed. */
  shift(byMs: number): void {
    for (const due of this.#items.splice(0))
      this.push(byTheClock.has(due.kind) ? due : { ...due, atMs: due.atMs + byMs })
  }

  /** Removes and returns the first entry that is due at `nowMs`, or null. */
  popDue(nowMs: number): Due | null {
    const first = this.#items[0]
    if (first === undefined || first.atMs > nowMs) return null
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last
      this.#sink()
    }
    return first
  }

  #sink(): void {
    let parent = 0
    for (;;) {
      const left = parent * 2 + 1
      const right = left + 1
      let smallest = parent
      if (this.#before(left, smallest)) smallest = left
      if (this.#before(right, smallest)) smallest = right
      if (smallest === parent) return
      this.#swapIfBefore(smallest, parent)
      parent = smallest
    }
  }

  #before(a: number, b: number): boolean {
    const one = this.#items[a]
    const other = this.#items[b]
    if (one === undefined || other === undefined) return false
    return one.atMs !== other.atMs ? one.atMs < other.atMs : one.id < other.id
  }

  #swapIfBefore(a: number, b: number): boolean {
    if (!this.#before(a, b)) return false
    const one = this.#items[a]
    const other = this.#items[b]
    if (one === undefined || other === undefined) return false
    this.#items[a] = other
    this.#items[b] = one
    return true
  }
}
