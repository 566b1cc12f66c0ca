import type { LatencyMinute, River } from '../../live/protocol.js'

const minuteMs = 60_000

/** What the charts of work draw: a value for each minute of the span. null: not known. */
export interface Minutes {
  readonly times: readonly number[]
  readonly completed: readonly (number | null)[]
  readonly failed: readonly (number | null)[]
  /** Share of what ended that failed, 0–1; null also where nothing ended. */
  readonly failedShare: readonly (number | null)[]
  readonly waitedP50: readonly (number | null)[]
  readonly waitedP95: readonly (number | null)[]
  readonly ranP50: readonly (number | null)[]
  readonly ranP95: readonly (number | null)[]
}

/** Minutes in which nothing ended count as zero, those that nothing is known of stay unknown. */
export function minutesOf(
  river: River,
  latency: readonly LatencyMinute[],
  { nowMs, count }: { readonly nowMs: number; readonly count: number },
): Minutes {
  const last = Math.floor(nowMs / minuteMs) * minuteMs
  const times = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * minuteMs)
  const ended = new Map(river.minutes.map((minute) => [minute.atMs, minute]))
  const took = new Map(latency.map((minute) => [minute.atMs, minute]))
  const isKnown = (atMs: number) => river.knownFromMs === null || atMs + minuteMs > river.knownFromMs
  const countsOf = (pick: 'completed' | 'failed') =>
    times.map((atMs) => (isKnown(atMs) ? (ended.get(atMs)?.[pick] ?? 0) : null))
  const spread = (pick: 'waited' | 'ran', share: 'p50' | 'p95') =>
    times.map((atMs) => took.get(atMs)?.[pick][share] ?? null)
  return {
    times,
    completed: countsOf('completed'),
    failed: countsOf('failed'),
    failedShare: times.map((atMs) => {
      const { completed = 0, failed = 0 } = ended.get(atMs) ?? {}
      return completed + failed === 0 ? null : failed / (completed + failed)
    }),
    waitedP50: spread('waited', 'p50'),
    waitedP95: spread('waited', 'p95'),
    ranP50: spread('ran', 'p50'),
    ranP95: spread('ran', 'p95'),
  }
}

/** The newest value that is known. */
export const lastOf = (values: readonly (number | null)[]): number | null =>
  values.findLast((value) => value !== null) ?? null

export const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
