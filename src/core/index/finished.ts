/** Entities that are over, oldest first by the seq at which they ended. */
export class FinishedList {
  #items: { readonly id: string; readonly seq: number }[] = []
  #head = 0
  readonly #seqOf = new Map<string, number>()

  get size(): number {
    return this.#seqOf.size
  }

  add(id: string, seq: number): void {
    this.#items.push({ id, seq })
    this.#seqOf.set(id, seq)
  }

  remove(id: string): void {
    this.#seqOf.delete(id)
  }

  /** Ids that ended at or before `throughSeq`, oldest first. */
  through(throughSeq: number): string[] {
    const ids: string[] = []
    for (let position = this.#head; position < this.#items.length; position += 1) {
      const item = this.#items[position]
      if (item === undefined || item.seq > throughSeq) break
      if (this.#seqOf.get(item.id) === item.seq) ids.push(item.id)
    }
    return ids
  }

  oldest(): { readonly id: string; readonly seq: number } | null {
    for (;;) {
      const item = this.#items[this.#head]
      if (item === undefined) return null
      if (this.#seqOf.get(item.id) === item.seq) return item
      this.#advance()
    }
  }

  /** Seq of the n-th oldest that is still listed (n from 1), or null. */
  seqAt(n: number): number | null {
    let left = n
    for (let position = this.#head; position < this.#items.length; position += 1) {
      const item = this.#items[position]
      if (item === undefined || this.#seqOf.get(item.id) !== item.seq) continue
      left -= 1
      if (left === 0) return item.seq
    }
    return null
  }

  #advance(): void {
    this.#head += 1
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }
}
