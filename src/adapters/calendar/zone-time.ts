const dayMs = 86_400_000

/** A time zone's clock. Local times are written as the Unix ms that they would be in UTC. */
export class ZoneTime {
  readonly #format: Intl.DateTimeFormat

  /** Throws RangeError for a zone that is not known. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  localOf(instantMs: number): number {
    return instantMs + this.#offsetMs(instantMs)
  }

  /** The instant of a local time: the first of two; of one that is skipped, the first instant after the gap. */
  instantOf(localMs: number): number {
    const before = this.#offsetMs(localMs - dayMs)
    const after = this.#offsetMs(localMs + dayMs)
    const candidates = [localMs - before, localMs - after].filter(
      (instant) => this.localOf(instant) === localMs,
    )
    if (candidates.length > 0) return Math.min(...candidates)
    return this.#stepBetween(localMs - Math.max(before, after), localMs - Math.min(before, after))
  }

  /** The instant in (low, high] at which the offset changes. */
  #stepBetween(low: number, high: number): number {
    const offset = this.#offsetMs(low)
    let [same, other] = [low, high]
    while (other - same > 1_000) {
      const middle = same + Math.floor((other - same) / 2_000) * 1_000
      if (this.#offsetMs(middle) === offset) same = middle
      else other = middle
    }
    return other
  }

  #offsetMs(instantMs: number): number {
    const wholeMs = Math.floor(instantMs / 1_000) * 1_000
    const part: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(wholeMs)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs
  }
}
