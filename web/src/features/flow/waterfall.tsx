import { type AttemptBar, barsOf } from '../../live/attempt-bars.js'
import { taskState } from '../../live/health.js'
import type { Task } from '../../live/protocol.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

/** Bars of at least this share are drawn, so that a short run can be seen. */
const shareMin = 0.004
const looks = { succeeded: 'bg-mark-ok', failed: 'bg-mark-failed', running: 'bg-mark-busy' } as const

/** Where the time of the whole flow went: a row a task, waiting thin and running thick, all on one scale. */
export function Waterfall({ tasks, chosen }: { tasks: readonly Task[]; chosen: string | null }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const nowMs = useNow()
  const fromMs = Math.min(...tasks.map((task) => task.createdAt))
  const toMs = Math.max(...tasks.map((task) => task.completedAt ?? nowMs))
  return (
    <div className="live-area min-h-0 flex-1 overflow-auto">
      <table className="w-full text-left text-xs">
        <caption className="sr-only">{t('flow.waterfall')}</caption>
        <thead className="sticky top-0 z-10 bg-ground text-quiet">
          <tr className="h-8 border-b border-line">
            <th className="w-56 pl-3 font-normal">{t('agents.task')}</th>
            <th className="w-36 font-normal">{t('agents.status')}</th>
            <th className="font-normal">{t('flow.whole', { duration: span(toMs - fromMs) })}</th>
            <th className="w-44 pr-3 text-right font-normal">{t('flow.waitedRan')}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <Row
              key={task.taskId}
              task={task}
              nowMs={nowMs}
              scale={{ fromMs, wholeMs: Math.max(1, toMs - fromMs) }}
              isChosen={task.taskId === chosen}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface Scale {
  readonly fromMs: number
  readonly wholeMs: number
}

function Row({
  task,
  nowMs,
  scale,
  isChosen,
}: {
  task: Task
  nowMs: number
  scale: Scale
  isChosen: boolean
}) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const bars = barsOf(task, nowMs)
  const state = taskState(task)
  const ranMs = bars.reduce((sum, bar) => sum + bar.endMs - bar.startMs, 0)
  const endMs = task.completedAt ?? nowMs
  return (
    <tr className={`h-8 border-b border-line ${isChosen ? 'bg-chosen' : 'hover:bg-raised'}`}>
      <td className="max-w-0 truncate pl-3">
        <Link
          screen="tasks"
          params={{ task: task.taskId, full: '1' }}
          className="inline-flex min-h-6 max-w-full items-center gap-2 text-sm hover:underline"
        >
          <StateMark state={state} />
          <span className="truncate">{task.name}</span>
        </Link>
      </td>
      <td className={stateColor[state]}>{t(`phase.${task.phase}`)}</td>
      <td>
        <span className="relative block h-4" aria-hidden="true">
          {bars.map((bar) => (
            <Bars key={bar.attempt} bar={bar} scale={scale} />
          ))}
          {bars.length === 0 ? <Wait fromMs={task.createdAt} toMs={endMs} scale={scale} /> : null}
        </span>
      </td>
      <td className="live-value pr-3 text-right text-quiet">
        {t(bars.length === 0 ? 'flow.onlyWaited' : 'task.waitedRan', {
          waited: span(endMs - task.createdAt - ranMs),
          ran: span(ranMs),
        })}
      </td>
    </tr>
  )
}

function Bars({ bar, scale }: { bar: AttemptBar; scale: Scale }) {
  return (
    <>
      <Wait fromMs={bar.fromMs} toMs={bar.startMs} scale={scale} />
      <span
        className={`absolute top-0.5 h-3 rounded-sm ${looks[bar.outcome]}`}
        style={placed(bar.startMs, bar.endMs, scale)}
      />
    </>
  )
}

function Wait({ fromMs, toMs, scale }: { fromMs: number; toMs: number; scale: Scale }) {
  return <span className="absolute top-1.5 h-1 rounded-full bg-strong" style={placed(fromMs, toMs, scale)} />
}

function placed(fromMs: number, toMs: number, scale: Scale) {
  const left = (fromMs - scale.fromMs) / scale.wholeMs
  const width = Math.max(shareMin, (toMs - fromMs) / scale.wholeMs)
  return { left: `${Math.min(left, 1 - shareMin) * 100}%`, width: `${Math.min(width, 1 - left) * 100}%` }
}
