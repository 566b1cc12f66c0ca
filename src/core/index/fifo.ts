import type { Entry } from './entry.js'

/** Removed entries that a list may hold beside as many as are present. */
const staleKept = 1_024

/** Entries by age; removed ones are forgotten lazily. */
export class Fifo {
  #items: Entry[] = []
  /** What is before it was removed. */
  #head = 0
  #present = 0

  /** Nearly always the youngest; one that comes back with its age goes before what is younger. */
  push(entry: Entry): void {
    const items = this.#items
    let position = items.length
    while (position > this.#head && (items[position - 1]?.sinceSeq ?? 0) > entry.sinceSeq) position -= 1
    if (position === items.length) items.push(entry)
    else items.splice(position, 0, entry)
    this.#present += 1
  }

  /** One that is here. */
  remove(entry: Entry): void {
    entry.gone = true
    this.#present -= 1
    if (this.#items.length - this.#head <= 2 * this.#present + staleKept) return
    this.#items = this.#items.slice(this.#head).filter((item) => !item.gone)
    this.#head = 0
  }

  get first(): Entry | null {
    for (;;) {
      const entry = this.#items[this.#head]
      if (entry === undefined) {
        this.#items = []
        this.#head = 0
        return null
      }
      if (!entry.gone) return entry
      this.#head += 1
      if (this.#head > staleKept && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
    }
  }
}
