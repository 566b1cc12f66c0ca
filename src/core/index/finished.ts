/** Removed entries that may take memory beside as many as are listed. */
const staleKept = 1_024

interface Entry {
  readonly id: string
  readonly seq: number
}

/**
 * Entities that are over, oldest first by the seq of their last change; one that is added again moves to the end.
 * Removed entries are forgotten lazily.
 */
export class FinishedList {
  #items: Entry[] = []
  /** What is before it was removed. */
  #head = 0
  readonly #seqOf = new Map<string, number>()

  get size(): number {
    return this.#seqOf.size
  }

  has(id: string): boolean {
    return this.#seqOf.has(id)
  }

  /** `seq` is above every one that was added before. */
  add(id: string, seq: number): void {
    this.#items.push({ id, seq })
    this.#seqOf.set(id, seq)
    this.#compact()
  }

  remove(id: string): void {
    this.#seqOf.delete(id)
    this.#compact()
  }

  /** Ids that last changed at or before `throughSeq`, oldest first. */
  through(throughSeq: number): string[] {
    const ids: string[] = []
    for (const item of this.#listed()) {
      if (item.seq > throughSeq) break
      ids.push(item.id)
    }
    return ids
  }

  oldest(): Entry | null {
    const [oldest] = this.#listed()
    return oldest ?? null
  }

  /** Seq of the n-th oldest that is still listed (n from 1), or null. */
  seqAt(n: number): number | null {
    let left = n
    for (const item of this.#listed()) {
      left -= 1
      if (left === 0) return item.seq
    }
    return null
  }

  *#listed(): Generator<Entry> {
    for (let position = this.#head; position < this.#items.length; position += 1) {
      const item = this.#items[position]
      if (item === undefined) return
      if (this.#isListed(item)) yield item
      else if (position === this.#head) this.#head += 1
    }
  }

  #isListed(item: Entry): boolean {
    return this.#seqOf.get(item.id) === item.seq
  }

  #compact(): void {
    if (this.#items.length <= 2 * this.#seqOf.size + staleKept) return
    this.#items = this.#items.filter((item) => this.#isListed(item))
    this.#head = 0
  }
}
