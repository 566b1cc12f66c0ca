/**
 * Entities by id, newest version wins. Remembers which ids changed until `take` is called.
 * The order of arrival does not matter: an older version changes nothing.
 */
export class Versions<T extends object> {
  readonly #idOf: (value: T) => string
  readonly #held = new Map<string, { readonly value: T; readonly seq: number }>()
  readonly #changed = new Set<string>()
  /** A snapshot came, be it empty: what is held is now known to be all. */
  #replaced = false

  constructor(idOf: (value: T) => string) {
    this.#idOf = idOf
  }

  get dirty(): boolean {
    return this.#replaced || this.#changed.size > 0
  }

  get(id: string): T | undefined {
    return this.#held.get(id)?.value
  }

  values(): T[] {
    return [...this.#held.values()].map((held) => held.value)
  }

  put(value: T, seq: number): void {
    const id = this.#idOf(value)
    const held = this.#held.get(id)
    if (held !== undefined && held.seq > seq) return
    this.#held.set(id, { value, seq })
    this.#changed.add(id)
  }

  /** It is gone since this seq. */
  remove(id: string, seq: number): void {
    const held = this.#held.get(id)
    if (held === undefined || held.seq > seq) return
    this.#held.delete(id)
    this.#changed.add(id)
  }

  /** Of those that are over, only the newest stay: the ones that came last. */
  keepNewest(max: number, isOver: (value: T) => boolean): void {
    const over = [...this.#held].filter(([, held]) => isOver(held.value))
    for (const [id] of over.slice(0, Math.max(0, over.length - max))) {
      this.#held.delete(id)
      this.#changed.add(id)
    }
  }

  /**
   * A snapshot: what it lacks is gone, unless it changed after the snapshot was taken. `resumed`: it has only what
   * changed, the rest still holds.
   */
  picture(values: readonly T[], seq: number, resumed: boolean): void {
    const present = new Set(values.map(this.#idOf))
    for (const [id, held] of resumed ? [] : this.#held) {
      if (!present.has(id) && held.seq <= seq) {
        this.#held.delete(id)
        this.#changed.add(id)
      }
    }
    for (const value of values) this.put(value, seq)
    this.#replaced = true
  }

  clear(): void {
    for (const id of this.#held.keys()) this.#changed.add(id)
    this.#held.clear()
  }

  /** What changed since the last call. */
  take(): { readonly upsert: readonly T[]; readonly remove: readonly string[] } {
    const upsert: T[] = []
    const remove: string[] = []
    for (const id of this.#changed) {
      const held = this.#held.get(id)
      if (held === undefined) remove.push(id)
      else upsert.push(held.value)
    }
    this.#changed.clear()
    this.#replaced = false
    return { upsert, remove }
  }
}
