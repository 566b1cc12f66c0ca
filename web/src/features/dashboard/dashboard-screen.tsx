import type { ReactNode } from 'react'
import { useSelector } from 'react-redux'
import type { LoadPoint } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { percent, useFormat } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { ChartPanel } from './chart-panel.js'
import { lastOf, type Minutes, minutesOf, sumOf } from './minutes.js'
import { Totals } from './totals.js'
import { useFleetLoad } from './use-fleet-load.js'

const spanMinutes = 60
const spanMs = spanMinutes * 60_000

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** The fleet in numbers and charts of the last hour; beside them what needs a person. */
export function DashboardScreen({ alarms }: { alarms: ReactNode }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const { river, latency } = useSelector((state: WallState) => state.summary)
  const load = useFleetLoad(spanMs)
  const minutes = minutesOf(river, latency, { nowMs, count: spanMinutes })
  const span = { fromMs: nowMs - spanMs, toMs: nowMs }
  const failed = sumOf(minutes.failed)
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Totals endedInHour={sumOf(minutes.completed) + failed} failedInHour={failed} />
      <div className="grid min-h-0 flex-1 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="live-area grid min-h-[36rem] auto-rows-fr sm:grid-cols-2 lg:min-h-0">
          <LoadCharts points={load.points} span={span} />
          <WorkCharts minutes={minutes} span={span} />
        </div>
        <section aria-label={t('attention.title')} className="flex min-h-0 min-w-0 flex-col">
          <h2 className="border-b border-line px-3 py-2 font-semibold">{t('attention.title')}</h2>
          <div className="flex min-h-64 flex-1 flex-col overflow-hidden">{alarms}</div>
          <p className="px-3 py-2 text-xs text-quiet">
            {load.failed ? t('dashboard.loadFailed') : t('dashboard.span')}
          </p>
        </section>
      </div>
    </div>
  )
}

/** Of all masters together: the mean, and the highest single one. */
function LoadCharts({ points, span }: { points: readonly LoadPoint[]; span: Span }) {
  const { t } = useTranslation()
  const times = points.map(({ at }) => at)
  const chart = (title: string, mean: 'cpu' | 'memory', most: 'cpuMax' | 'memoryMax') => {
    const values = (name: typeof mean | typeof most) => points.map((point) => point[name])
    const now = (name: typeof mean | typeof most) => percent(points.at(-1)?.[name])
    return (
      <ChartPanel
        title={title}
        times={times}
        {...span}
        max={1}
        format={percent}
        series={[
          { label: t('dashboard.mean'), tone: 'busy', values: values(mean), now: now(mean) },
          {
            label: t('dashboard.highest'),
            tone: 'ok',
            look: 'extreme',
            values: values(most),
            now: now(most),
          },
        ]}
      />
    )
  }
  return (
    <>
      {chart(t('meter.cpu'), 'cpu', 'cpuMax')}
      {chart(t('meter.memory'), 'memory', 'memoryMax')}
    </>
  )
}

function WorkCharts({ minutes, span }: { minutes: Minutes; span: Span }) {
  const { t } = useTranslation()
  const { span: took } = useFormat()
  const { times } = minutes
  const count = (value: number) => (Number.isInteger(value) ? String(value) : '')
  const now = (values: readonly (number | null)[], words: (value: number) => string) => {
    const last = lastOf(values)
    return last === null ? '–' : words(last)
  }
  const latency = (title: string, p50: readonly (number | null)[], p95: readonly (number | null)[]) => (
    <ChartPanel
      title={title}
      times={times}
      {...span}
      atLeast={100}
      format={(ms) => (ms === 0 ? '0' : took(ms))}
      series={[
        { label: t('dashboard.p50'), tone: 'busy', values: p50, now: now(p50, took) },
        { label: t('dashboard.p95'), tone: 'ok', look: 'extreme', values: p95, now: now(p95, took) },
      ]}
    />
  )
  return (
    <>
      <ChartPanel
        title={t('dashboard.throughput')}
        times={times}
        {...span}
        atLeast={4}
        format={count}
        series={[
          {
            label: t('dashboard.completed'),
            tone: 'busy',
            look: 'columns',
            values: minutes.completed,
            now: now(minutes.completed, count),
          },
        ]}
      />
      <ChartPanel
        title={t('dashboard.errors')}
        times={times}
        {...span}
        max={1}
        format={percent}
        series={[
          {
            label: t('dashboard.failedShare'),
            tone: 'failed',
            look: 'columns',
            values: minutes.failedShare,
            now: now(minutes.failedShare, percent),
          },
        ]}
      />
      {latency(t('dashboard.waited'), minutes.waitedP50, minutes.waitedP95)}
      {latency(t('dashboard.ran'), minutes.ranP50, minutes.ranP95)}
    </>
  )
}
