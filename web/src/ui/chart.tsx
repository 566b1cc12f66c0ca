import { useEffect, useLayoutEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clock } from './format.js'

/** Colours by their meaning, as style.css names them. */
export type ChartTone = 'ok' | 'busy' | 'waiting' | 'failed'

export interface ChartSeries {
  readonly label: string
  readonly tone: ChartTone
  /** A value for each time; null = not known, drawn as a hole. */
  readonly values: readonly (number | null)[]
  /** What is drawn: a line, a thin broken line (an extreme), or columns from zero. */
  readonly look?: 'line' | 'extreme' | 'columns'
}

interface ChartProps {
  /** Unix ms, ascending. */
  readonly times: readonly number[]
  readonly fromMs: number
  readonly toMs: number
  readonly series: readonly ChartSeries[]
  /** Upper end of the scale; absent: what the values need, at least `atLeast`. */
  readonly max?: number
  readonly atLeast?: number
  readonly format: (value: number) => string
  /** All that it says, in a sentence. */
  readonly label: string
}

/** Values over time on a canvas of uPlot. The words beside it say the same, so the picture is one image. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const shape = props.series.map(({ label, tone, look }) => `${label} ${tone} ${look}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: another set of lines is another chart.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const made = new uPlot(optionsOf(element, latest), dataOf(latest.current), element)
    plot.current = made
    const sizes = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    sizes.observe(element)
    // Colours are read when something is drawn: another theme draws anew.
    const themes = new MutationObserver(() => made.redraw(false, true))
    themes.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-trust'] })
    return () => {
      sizes.disconnect()
      themes.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [shape])
  useEffect(() => plot.current?.setData(dataOf(props)))
  return (
    <div ref={box} role="img" aria-label={props.label} className="h-full min-h-0 w-full overflow-hidden" />
  )
}

const dataOf = ({ times, series }: ChartProps): uPlot.AlignedData => [
  times.map((atMs) => atMs / 1000),
  ...series.map(({ values }) => [...values]),
]

const cssColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** Distances are meant for text of this size, in px; larger text (the big screen) makes them larger. */
const baseTextPx = 13
/** Distances of times on the axis, in seconds: the first that leaves room is taken. */
const timeSteps = [60, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600] as const

function optionsOf(element: HTMLElement, latest: { readonly current: ChartProps }): uPlot.Options {
  const { fontSize, fontFamily } = getComputedStyle(element)
  const scale = Number.parseFloat(fontSize) / baseTextPx
  const axis: uPlot.Axis = {
    font: `${Math.round(11 * scale)}px ${fontFamily}`,
    stroke: () => cssColor('quiet'),
    grid: { stroke: () => cssColor('line'), width: 1 },
    ticks: { show: false },
    gap: 6 * scale,
  }
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [8 * scale, 20 * scale, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [latest.current.fromMs / 1000, latest.current.toMs / 1000] },
      y: {
        range: (_, __, most) => [0, latest.current.max ?? Math.max(latest.current.atLeast ?? 1, most ?? 0)],
      },
    },
    axes: [
      {
        ...axis,
        size: 24 * scale,
        splits: (plot, _, from, to) => roundTimes(from, to, plot.width / (60 * scale)),
        values: (_, ticks) => ticks.map((tick) => clock(tick * 1000).slice(0, 5)),
      },
      {
        ...axis,
        size: 58 * scale,
        space: 28 * scale,
        values: (_, ticks) => ticks.map((tick) => latest.current.format(tick)),
      },
    ],
    series: [{}, ...latest.current.series.map((one) => seriesOf(one, scale))],
  }
}

/** Whole minutes, quarters or hours of this machine's zone within the span, at most `countMax`. Seconds. */
function roundTimes(from: number, to: number, countMax: number): number[] {
  const step = timeSteps.find((each) => (to - from) / each <= countMax) ?? 21_600
  const zone = new Date(to * 1000).getTimezoneOffset() * 60
  const times: number[] = []
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) times.push(at)
  return times
}

function seriesOf({ tone, look = 'line' }: ChartSeries, scale: number): uPlot.Series {
  const stroke = () => cssColor(`mark-${tone}`)
  if (look === 'columns') {
    const paths = uPlot.paths.bars?.({ size: [0.7, 16 * scale], align: 1 })
    return {
      stroke,
      fill: stroke,
      width: 0,
      points: { show: false },
      ...(paths === undefined ? {} : { paths }),
    }
  }
  const isExtreme = look === 'extreme'
  return {
    stroke,
    width: (isExtreme ? 1 : 1.75) * scale,
    ...(isExtreme ? { dash: [4 * scale, 4 * scale] } : {}),
    // A line needs two values beside each other: one that stands alone is a dot.
    points: {
      show: true,
      size: 4 * scale,
      fill: stroke,
      filter: (plot, index) => alone(plot.data[index] ?? []),
    },
    spanGaps: false,
  }
}

function alone(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = []
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) found.push(index)
  }
  return found
}
