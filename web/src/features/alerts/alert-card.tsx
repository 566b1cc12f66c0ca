import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { type AlertGroup, isReturned } from '../../live/alert-groups.js'
import { actsOn } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Alert } from '../../live/protocol.js'
import { selectPendingAction } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { ActButtons } from '../../ui/act-buttons.js'
import { reveal } from '../../ui/ansi.js'
import { useNow } from '../../ui/clock.js'
import { clock, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import type { AlertAsked } from './act-dialog.js'
import { alertState, alertTitle } from './alert-words.js'
import { Evidence } from './evidence.js'
import { AlertActs, Handling } from './handling.js'

const link = 'underline underline-offset-2'

/** One alert: what, where, since when, who is on it, the evidence, and what can be done about it now. */
export function AlertCard({
  group,
  chosen,
  onChoose,
  onAsk,
}: {
  group: AlertGroup
  /** Keys act on it. */
  chosen: boolean
  onChoose(): void
  onAsk(asked: AlertAsked): void
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const { root: alert, under } = group
  const state = alertState(alert)
  const open = alert.state !== 'cleared'
  return (
    <article
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a row of the list that keys move to and act on.
      tabIndex={0}
      data-row=""
      data-testid={`alert-${alert.alertId}`}
      data-state={alert.state}
      aria-current={chosen ? 'true' : undefined}
      aria-label={alertTitle(alert, t)}
      onFocus={onChoose}
      className={`border-b border-l-2 border-b-line px-4 py-3.5 ${chosen ? 'border-l-strong' : 'border-l-transparent'} ${open ? '' : 'text-quiet'}`}
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateMark state={state} className="size-3.5" />
        <h2 className={`text-md font-semibold ${open ? stateColor[state] : 'text-ink'}`}>
          {alertTitle(alert, t)}
        </h2>
        <span title={t(`alert.priority.p${alert.priority}`)} className="text-quiet">
          P{alert.priority}
        </span>
        <Where alert={alert} />
        {isReturned(alert, nowMs) ? <span className="text-waiting">{t('alert.returned')}</span> : null}
        <span className="live-value ml-auto text-quiet">
          {open
            ? t('since', { duration: duration(nowMs - alert.raisedAt) })
            : t('alertState.cleared', { time: clock(alert.changedAt) })}
        </span>
      </header>
      <p className="mt-1 max-w-[60rem] break-words">{reveal(alert.message)}</p>
      <Handling alert={alert} />
      {alert.evidence === null || !open ? null : (
        <div className="mt-3">
          <Evidence evidence={alert.evidence} />
        </div>
      )}
      <Under alerts={under} />
      {open ? (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <AlertActs alert={alert} onAsk={onAsk} />
          {alert.taskId === null ? null : <TaskActs taskId={alert.taskId} />}
        </div>
      ) : null}
    </article>
  )
}

function Where({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const name = useSelector((state: WallState) =>
    alert.taskId === null ? null : state.tasks[alert.taskId]?.name,
  )
  return (
    <span className="flex flex-wrap gap-x-2 text-quiet">
      {alert.taskId === null ? null : (
        <Link screen="tasks" params={{ task: alert.taskId }} className={`${link} text-ink`}>
          {name ?? alert.taskId}
        </Link>
      )}
      {alert.nodeId === null ? null : (
        <Link screen="masters" params={{ worker: alert.nodeId }} className={link}>
          {alert.nodeId}
        </Link>
      )}
      {alert.taskId === null && alert.nodeId === null ? t('alert.fleet') : null}
    </span>
  )
}

/** What comes of the same cause: counted, and listed when asked. */
function Under({ alerts }: { alerts: readonly Alert[] }) {
  const { t } = useTranslation()
  if (alerts.length === 0) return null
  return (
    <details className="mt-2">
      <summary className="w-fit cursor-pointer py-0.5 text-quiet">
        {t('alert.under', { count: alerts.length })}
      </summary>
      <ul className="mt-1 flex max-h-44 flex-col gap-1 overflow-y-auto pl-4">
        {alerts.map((alert) => (
          <li key={alert.alertId} data-testid={`alert-${alert.alertId}`} className="flex flex-wrap gap-x-2">
            <span>{alertTitle(alert, t)}</span>
            <Where alert={alert} />
          </li>
        ))}
      </ul>
    </details>
  )
}

/** The task's own acts, one click each. */
function TaskActs({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const key = `alert:${taskId}`
  useEffect(() => {
    live.watchTasks(key, { ...anyTask, taskId, limit: 1 })
    return () => live.unwatchTasks(key)
  }, [key, taskId])
  const task = useSelector((state: WallState) => state.tasks[taskId])
  const pending = useSelector((state: WallState) => selectPendingAction(state, taskId))
  if (task === undefined) return null
  return (
    <>
      <ActButtons
        taskId={taskId}
        taskName={task.name}
        acts={actsOn(task)}
        pending={pending}
        onAct={(act) => void live.command(taskId, act)}
        full
      />
      <Link screen="logs" params={{ task: taskId }} className={`px-1 ${link}`}>
        {t('alert.lines')}
      </Link>
    </>
  )
}
