/** One value over time. `at` is Unix ms. */
export interface Point {
  readonly at: number
  readonly value: number
}

const width = 240
const height = 48

/** A small chart: the newest value at the right edge, `spanMs` wide, a hole where nothing was measured for long. */
export function Sparkline({
  points,
  max,
  spanMs,
  untilMs,
  label,
  tone = 'stroke-mark-busy',
}: {
  points: readonly Point[]
  max: number
  spanMs: number
  untilMs: number
  label: string
  tone?: string
}) {
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className="h-12 w-full overflow-hidden"
    >
      <path
        d={`M0 ${height - 0.5}H${width}M0 ${height / 2}H${width}`}
        className="stroke-line"
        fill="none"
        vectorEffect="non-scaling-stroke"
      />
      <path
        d={pathOf(points, max, spanMs, untilMs)}
        className={tone}
        fill="none"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

/** Samples come at least each 30 s; a longer pause is a hole, not a line. */
const holeMs = 65_000

export function pathOf(points: readonly Point[], max: number, spanMs: number, untilMs: number): string {
  let path = ''
  let lastAt = Number.NEGATIVE_INFINITY
  for (const point of points) {
    const x = ((point.at - (untilMs - spanMs)) / spanMs) * width
    if (x < 0) continue
    const y = height - 1 - (Math.min(point.value, max) / (max || 1)) * (height - 2)
    const joins = point.at - lastAt <= holeMs
    // A value holds until the next one: a step, not a slope that was never measured.
    path += joins ? `H${x.toFixed(1)}V${y.toFixed(1)}` : `M${x.toFixed(1)} ${y.toFixed(1)}`
    lastAt = point.at
  }
  return path !== '' && untilMs - lastAt <= holeMs ? `${path}H${width}` : path
}
