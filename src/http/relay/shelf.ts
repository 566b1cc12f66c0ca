/** The newest version of each entity of one kind, at most `max` of them. */
export class Shelf<T extends object> {
  readonly #idOf: (value: T) => string
  readonly #max: number
  /** What is forgotten first when there are too many. */
  readonly #isOver: (value: T) => boolean
  readonly #held = new Map<string, { readonly value: T; readonly seq: number }>()

  constructor(options: {
    readonly idOf: (value: T) => string
    readonly max: number
    readonly isOver?: (value: T) => boolean
  }) {
    this.#idOf = options.idOf
    this.#max = options.max
    this.#isOver = options.isOver ?? (() => false)
  }

  get(id: string): T | undefined {
    return this.#held.get(id)?.value
  }

  values(): readonly T[] {
    return [...this.#held.values()].map(({ value }) => value)
  }

  /** An older version than the held one changes nothing. */
  put(value: T, seq: number): void {
    const id = this.#idOf(value)
    const held = this.#held.get(id)
    if (held !== undefined && held.seq > seq) return
    this.#held.set(id, { value, seq })
    if (this.#held.size > this.#max) this.#forgetOne()
  }

  /** What came beside the versions, such as a sample. */
  amend(id: string, change: (value: T) => T): void {
    const held = this.#held.get(id)
    if (held !== undefined) this.#held.set(id, { ...held, value: change(held.value) })
  }

  remove(value: T, seq: number): void {
    const id = this.#idOf(value)
    if ((this.#held.get(id)?.seq ?? 0) <= seq) this.#held.delete(id)
  }

  /** A picture of all there are: what it lacks is gone, unless it is newer than the picture. */
  replace(values: readonly T[], seq: number): void {
    const present = new Set(values.map(this.#idOf))
    for (const [id, held] of this.#held) if (!present.has(id) && held.seq <= seq) this.#held.delete(id)
    for (const value of values) this.put(value, seq)
  }

  clear(): void {
    this.#held.clear()
  }

  #forgetOne(): void {
    let oldest: string | undefined
    for (const [id, { value }] of this.#held) {
      oldest ??= id
      if (!this.#isOver(value)) continue
      this.#held.delete(id)
      return
    }
    if (oldest !== undefined) this.#held.delete(oldest)
  }
}
