/** Removed tasks that may take memory beside those that are here. */
const staleKept = 10_000

/**
 * Birth seqs of the tasks in memory, so that a walk over all of them can stop and go on: a seq is a place that no
 * birth, end or restart moves. Removed ones stay until enough have gathered.
 */
export class Births {
  #seqs: number[] = []
  #isSorted = true
  readonly #gone = new Set<number>()

  /** Tasks that are here. */
  get size(): number {
    return this.#seqs.length - this.#gone.size
  }

  add(bornSeq: number): void {
    const last = this.#seqs.at(-1)
    if (last !== undefined && bornSeq < last) this.#isSorted = false
    this.#seqs.push(bornSeq)
  }

  remove(bornSeq: number): void {
    this.#gone.add(bornSeq)
    if (this.#gone.size <= staleKept) return
    this.#seqs = this.#seqs.filter((seq) => !this.#gone.has(seq))
    this.#gone.clear()
  }

  /** Those in (afterSeq, throughSeq], ascending; some that were removed may be among them. */
  *between(afterSeq: number, throughSeq: number): Generator<number> {
    this.#sort()
    for (let place = this.#placeAfter(afterSeq); place < this.#seqs.length; place += 1) {
      const bornSeq = this.#seqs[place] ?? Number.POSITIVE_INFINITY
      if (bornSeq > throughSeq) return
      yield bornSeq
    }
  }

  /** Those below `beforeSeq`, descending; the list must not change meanwhile. */
  *before(beforeSeq: number): Generator<number> {
    this.#sort()
    for (let place = this.#placeAfter(beforeSeq - 1) - 1; place >= 0; place -= 1) {
      const bornSeq = this.#seqs[place] ?? 0
      if (!this.#gone.has(bornSeq)) yield bornSeq
    }
  }

  #sort(): void {
    if (!this.#isSorted) this.#seqs.sort((a, b) => a - b)
    this.#isSorted = true
  }

  /** First place with a seq above `afterSeq`. */
  #placeAfter(afterSeq: number): number {
    let [low, high] = [0, this.#seqs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#seqs[middle] ?? 0) > afterSeq) high = middle
      else low = middle + 1
    }
    return low
  }
}
