/**
 * Binary min-heap whose items know their position, so that they can be moved and removed, O(log n). `before` must be a
 * total order that changes only between a `set` and the next look.
 */
export abstract class MovableHeap<Item> {
  readonly #items: Item[] = []
  readonly #before: (one: Item, other: Item) => boolean

  constructor(before: (one: Item, other: Item) => boolean) {
    this.#before = before
  }

  /** −1 = not in this heap. */
  protected abstract positionOf(item: Item): number
  protected abstract moved(item: Item, position: number): void

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  /** All of them, in no particular order. */
  get items(): readonly Item[] {
    return this.#items
  }

  has(item: Item): boolean {
    return this.positionOf(item) >= 0
  }

  /** Puts it in, or moves it to where its order says now. */
  set(item: Item): void {
    let position = this.positionOf(item)
    if (position < 0) {
      position = this.#items.length
      this.#items.push(item)
      this.moved(item, position)
    }
    if (!this.#rise(position)) this.#sink(position)
  }

  remove(item: Item): void {
    const position = this.positionOf(item)
    if (position < 0) return
    this.moved(item, -1)
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#put(last, position)
    if (!this.#rise(position)) this.#sink(position)
  }

  #rise(from: number): boolean {
    let position = from
    while (position > 0) {
      const parent = (position - 1) >> 1
      if (!this.#swapIfBefore(position, parent)) break
      position = parent
    }
    return position !== from
  }

  #sink(from: number): void {
    let position = from
    for (;;) {
      const left = position * 2 + 1
      const right = left + 1
      const child = this.#isBefore(right, left) ? right : left
      if (!this.#swapIfBefore(child, position)) return
      position = child
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#items[a]
    const other = this.#items[b]
    return one !== undefined && other !== undefined && this.#before(one, other)
  }

  #swapIfBefore(a: number, b: number): boolean {
    const one = this.#items[a]
    const other = this.#items[b]
    if (one === undefined || other === undefined || !this.#before(one, other)) return false
    this.#put(one, b)
    this.#put(other, a)
    return true
  }

  #put(item: Item, position: number): void {
    this.#items[position] = item
    this.moved(item, position)
  }
}

/** Something that stands in several heaps: `at[slot]` is its position in the heap of that slot, −1 = not in it. */
export interface Placed {
  readonly at: number[]
}

/** Items of heaps with the same slot must not stand in two of them. */
export class IndexedHeap<Item extends Placed> extends MovableHeap<Item> {
  readonly #slot: number

  constructor(slot: number, before: (one: Item, other: Item) => boolean) {
    super(before)
    this.#slot = slot
  }

  protected positionOf(item: Item): number {
    return item.at[this.#slot] ?? -1
  }

  protected moved(item: Item, position: number): void {
    item.at[this.#slot] = position
  }
}
