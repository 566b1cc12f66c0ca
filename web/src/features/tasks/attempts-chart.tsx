import { barsOf } from '../../live/attempt-bars.js'
import type { Task } from '../../live/protocol.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'

const looks = { succeeded: 'bg-mark-ok', failed: 'bg-mark-failed', running: 'bg-mark-busy' } as const

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
              className={`absolute top-0.5 h-3 rounded-sm ${looks[bar.outcome]}`}
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
