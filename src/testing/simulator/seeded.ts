import type { Random } from '../../ports/random.js'

/** Pseudo-random numbers that depend on the seed alone. Source of the mix: splitmix32. */
export class Seeded {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** In [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = this.#state ^ (this.#state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }

  /** Whole number in [min, max]. */
  int(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.fraction() * (max - min)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.int(0, items.length - 1)] ?? items[0]
  }

  /** An independent stream, so that one part's draws do not move another's. */
  fork(): Seeded {
    return new Seeded(this.int(0, 2 ** 31))
  }

  /** As the port that processes get. A hash is the text itself: enough to tell texts apart. */
  asPort(): Random {
    const digits = (count: number): string =>
      Array.from({ length: count }, () => this.int(0, 15).toString(16)).join('')
    return {
      fraction: () => this.fraction(),
      hex: (bytes) => digits(2 * bytes),
      secret: () => digits(43),
      sha256: (text) => `sha256(${text})`,
    }
  }
}

/** How fast a machine's clock runs: at most 1 % wrong. */
export const clockRate = (random: Seeded): number => random.between(0.99, 1.01)
