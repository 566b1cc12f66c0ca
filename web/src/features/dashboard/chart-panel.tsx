import { Chart, type ChartSeries } from '../../ui/chart.js'
import { markColor } from '../../ui/state-mark.js'

/** A line of a chart with the value beside its name. */
export interface NamedSeries extends ChartSeries {
  /** Its newest value in words. */
  readonly now: string
}

/** One chart under its name; the newest values are words, so that nobody need read a line. */
export function ChartPanel({
  title,
  series,
  ...chart
}: {
  title: string
  times: readonly number[]
  fromMs: number
  toMs: number
  series: readonly NamedSeries[]
  max?: number
  atLeast?: number
  format: (value: number) => string
}) {
  const label = `${title}: ${series.map(({ label: name, now }) => `${name} ${now}`).join(', ')}`
  return (
    <figure className="flex min-h-0 min-w-0 flex-col border-b border-line px-3 pt-2 pb-1 lg:border-r">
      <figcaption className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{title}</span>
        <span className="ml-auto flex flex-wrap gap-x-3 text-xs" aria-hidden="true">
          {series.map((one) => (
            <span key={one.label} className="inline-flex items-center gap-1">
              <Key series={one} />
              <span className="text-quiet">{one.label}</span>
              <span className="live-value">{one.now}</span>
            </span>
          ))}
        </span>
      </figcaption>
      <div className="min-h-24 flex-1">
        <Chart label={label} series={series} {...chart} />
      </div>
    </figure>
  )
}

/** How the line is drawn, so that colour is not all that tells them apart. */
function Key({ series: { tone, look = 'line' } }: { series: NamedSeries }) {
  return (
    <svg
      viewBox="0 0 14 8"
      className={`h-2 w-3.5 ${markColor[tone]}`}
      stroke="currentColor"
      aria-hidden="true"
    >
      {look === 'columns' ? (
        <path d="M3 8V2M7 8V0M11 8V4" strokeWidth="3" />
      ) : (
        <path
          d="M0 4h14"
          strokeWidth={look === 'extreme' ? 1.5 : 2.5}
          strokeDasharray={look === 'extreme' ? '3 2' : undefined}
        />
      )}
    </svg>
  )
}
