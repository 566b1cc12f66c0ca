/** Each bin is a fifth wider than the one before. */
const growth = 1.2
/** The last bin holds everything from about a month on. */
const binsMax = 120

/** Percentiles of durations in bounded memory: right to a tenth. */
export class Spread {
  readonly #bins = new Map<number, number>()
  #count = 0

  /** ms; negative counts as 0: clocks of two machines differ. */
  add(ms: number): void {
    const bin = ms < 1 ? 0 : Math.min(binsMax - 1, 1 + Math.floor(Math.log(ms) / Math.log(growth)))
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1)
    this.#count += 1
  }

  /** The duration that this share (0–1) of all stays within, in ms; null: there are none. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null
    let left = Math.max(1, Math.ceil(this.#count * share))
    for (const [bin, count] of [...this.#bins].sort(([a], [b]) => a - b)) {
      left -= count
      // The middle of the bin, in the scale that it grows by.
      if (left <= 0) return bin === 0 ? 0 : Math.round(growth ** (bin - 0.5))
    }
    return null
  }
}
