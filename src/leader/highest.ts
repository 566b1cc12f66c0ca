/** Items kept beside the wanted ones before they are sorted and cut. */
const slack = 4_096

/**
 * Keeps the `max` items of the highest rank of those that it is given, so that a page of 250,000 tasks costs little more
 * than a look at each. Ranks are distinct; an item of rank −∞ is left out.
 */
export class Highest<T> {
  readonly #max: number
  #kept: { readonly item: T; readonly rank: number }[] = []
  #floor = Number.NEGATIVE_INFINITY

  constructor(max: number) {
    this.#max = max
  }

  add(item: T, rank: number): void {
    if (rank <= this.#floor) return
    this.#kept.push({ item, rank })
    if (this.#kept.length < this.#max + slack) return
    this.#cut()
    this.#floor = this.#kept.at(-1)?.rank ?? this.#floor
  }

  /** Highest first. */
  items(): T[] {
    this.#cut()
    return this.#kept.map(({ item }) => item)
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.rank - a.rank)
    this.#kept = this.#kept.slice(0, this.#max)
  }
}

/** The same of all of these at once. */
export function highest<T>(items: Iterable<T>, max: number, rankOf: (item: T) => number): T[] {
  const found = new Highest<T>(max)
  for (const item of items) found.add(item, rankOf(item))
  return found.items()
}
