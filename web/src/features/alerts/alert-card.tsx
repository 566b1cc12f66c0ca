import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { actsOn, isOpenAlert } from '../../live/health.js'
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
import { alertState, alertTitle } from './alert-words.js'
import { Evidence } from './evidence.js'

/** One alert: what, where, since when, the evidence, and what can be done about it now. */
export function AlertCard({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const state = alertState(alert)
  const open = isOpenAlert(alert)
  return (
    <article
      data-testid={`alert-${alert.alertId}`}
      data-state={alert.state}
      aria-label={alertTitle(alert, t)}
      className={`border-b border-line px-4 py-4 ${open ? '' : 'text-quiet'}`}
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateMark state={state} className="size-3.5" />
        <h2 className={`text-md font-semibold ${open ? stateColor[state] : 'text-ink'}`}>
          {alertTitle(alert, t)}
        </h2>
        <Where alert={alert} />
        <span className="live-value ml-auto text-quiet">
          {open
            ? t('since', { duration: duration(nowMs - alert.raisedAt) })
            : t(`alertState.${alert.state}`, { time: clock(alert.changedAt) })}
        </span>
      </header>
      <p className="mt-1 mb-3 max-w-[60rem] break-words">{reveal(alert.message)}</p>
      {alert.evidence === null || !open ? null : <Evidence evidence={alert.evidence} />}
      {open ? <Acts alert={alert} /> : null}
    </article>
  )
}

function Where({ alert }: { alert: Alert }) {
  const name = useSelector((state: WallState) =>
    alert.taskId === null ? null : state.tasks[alert.taskId]?.name,
  )
  const link = 'underline underline-offset-2'
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
    </span>
  )
}

/** The task's own acts, one click each. */
function Acts({ alert }: { alert: Alert }) {
  const { taskId } = alert
  return taskId === null ? null : <TaskActs taskId={taskId} />
}

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
    <div className="mt-3 flex flex-wrap items-center gap-2">
      <ActButtons
        taskId={taskId}
        taskName={task.name}
        acts={actsOn(task)}
        pending={pending}
        onAct={(act) => void live.command(taskId, act)}
        full
      />
      <Link screen="logs" params={{ task: taskId }} className="px-1 underline underline-offset-2">
        {t('alert.lines')}
      </Link>
    </div>
  )
}
