import type { Task } from '../../live/protocol.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'

interface Bar {
  readonly attempt: number
  /** Waited for its turn: [from, start). */
  readonly fromMs: number
  readonly startMs: number
  readonly endMs: number
  readonly look: string
}

/** Bars of at least this share are drawn, so that a short run can be seen. */
const shareMin = 0.006

/** Where a task's time went: waiting (thin) and running (thick), one row an attempt, all on one scale. */
export function AttemptsChart({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const nowMs = useNow()
  const bars = barsOf(task, nowMs)
  const fromMs = task.createdAt
  const wholeMs = Math.max(1, (bars.at(-1)?.endMs ?? nowMs) - fromMs)
  const share = (ms: number) => Math.max(shareMin, ms / wholeMs)
  if (bars.length === 0) return null
  return (
    <figure className="flex flex-col gap-1" aria-label={t('task.timeline')}>
      <figcaption className="text-xs text-quiet">{t('task.timeline')}</figcaption>
      {bars.map((bar) => (
        <div key={bar.attempt} className="flex items-center gap-2 text-xs">
          <span className="w-6 shrink-0 text-quiet">#{bar.attempt}</span>
          <span className="relative h-4 min-w-0 flex-1" aria-hidden="true">
            <span
              className="absolute top-1.5 h-1 rounded-full bg-track"
              style={placed((bar.fromMs - fromMs) / wholeMs, share(bar.startMs - bar.fromMs))}
            />
            <span
              className={`absolute top-0.5 h-3 rounded-sm ${bar.look}`}
              style={placed((bar.startMs - fromMs) / wholeMs, share(bar.endMs - bar.startMs))}
            />
          </span>
          <span className="live-value w-40 shrink-0 text-right text-quiet">
            {t('task.waitedRan', {
              waited: span(bar.startMs - bar.fromMs),
              ran: span(bar.endMs - bar.startMs),
            })}
          </span>
        </div>
      ))}
    </figure>
  )
}

const placed = (left: number, width: number) => ({
  left: `${Math.min(left, 1 - shareMin) * 100}%`,
  width: `${Math.min(width, 1) * 100}%`,
})

/** Earlier runs and the current one; what ran not at all has no bar of its own, its time counts as waiting. */
export function barsOf(task: Task, nowMs: number): readonly Bar[] {
  const bars: Bar[] = []
  let fromMs = task.createdAt
  for (const run of task.attempts) {
    const startMs = run.startedAt ?? run.endedAt
    const look = run.outcome === 'succeeded' ? 'bg-mark-ok' : 'bg-mark-failed'
    bars.push({ attempt: run.attempt, fromMs, startMs, endMs: run.endedAt, look })
    fromMs = run.endedAt
  }
  if (task.status === 'running' && task.startedAt !== null) {
    const endMs = Math.max(nowMs, task.startedAt)
    bars.push({ attempt: task.attempt, fromMs, startMs: task.startedAt, endMs, look: 'bg-mark-busy' })
  }
  return bars
}
