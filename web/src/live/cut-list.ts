/** A list that is drawn in part. */
export interface CutList<T> {
  /** In the given order; when it is cut, what needs somebody first. */
  readonly shown: readonly T[]
  readonly total: number
  /** How many of all need somebody. */
  readonly bad: number
  /** Whether all of those are shown. */
  readonly hasAllBad: boolean
}

/** The first `max` of a list; what needs somebody is never left out for what does not. */
export function cutList<T>(items: readonly T[], max: number, isBad: (item: T) => boolean): CutList<T> {
  const bad = items.filter(isBad)
  const isCut = items.length > max
  const ordered = isCut ? [...bad, ...items.filter((item) => !isBad(item))] : items
  return { shown: ordered.slice(0, max), total: items.length, bad: bad.length, hasAllBad: bad.length <= max }
}
