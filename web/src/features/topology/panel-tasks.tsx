import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { actsOn, taskState } from '../../live/health.js'
import { live } from '../../live/live.js'
import { selectListIds, selectMayAct, selectPendingAction } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { ActButtons } from '../../ui/act-buttons.js'
import { Link } from '../../ui/link.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const tasksShown = 8

/** What waits and runs on a master, what needs a person first. */
export function NodeTasks({ workerId }: { workerId: string }) {
  const { t } = useTranslation()
  const key = 'map:tasks'
  useEffect(() => {
    const order = { order: 'attention', limit: tasksShown } as const
    live.watchTasks(key, { ...anyTask, statuses: ['pending', 'running'], workerId, ...order })
    return () => live.unwatchTasks(key)
  }, [workerId])
  const ids = useSelector((state: WallState) => selectListIds(state, key))
  const total = useSelector((state: WallState) => state.lists[key]?.total ?? 0)
  return (
    <div>
      <h3 className="mb-1 text-xs text-quiet">{t('masters.now')}</h3>
      {ids.length === 0 ? (
        <p className="text-quiet">{t('masters.idle')}</p>
      ) : (
        <ul>
          {ids.map((taskId) => (
            <TaskLine key={taskId} taskId={taskId} />
          ))}
        </ul>
      )}
      {total > ids.length ? (
        <Link
          screen="tasks"
          params={{ worker: workerId }}
          className="inline-block py-1 underline underline-offset-2"
        >
          {t('task.more', { shown: ids.length, total })}
        </Link>
      ) : null}
    </div>
  )
}

/** A task with its acts. */
export function TaskLine({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const task = useSelector((state: WallState) => state.tasks[taskId])
  const pending = useSelector((state: WallState) => selectPendingAction(state, taskId))
  const mayAct = useSelector(selectMayAct)
  if (task === undefined) return null
  const state = taskState(task)
  return (
    <li className="flex min-h-8 items-center gap-2 border-b border-line">
      <StateMark state={state} />
      <Link
        screen="tasks"
        params={{ task: taskId }}
        className="min-w-0 flex-1 truncate hover:underline"
        title={task.name}
      >
        {task.name}
      </Link>
      <span className={`shrink-0 text-xs ${stateColor[state]}`}>
        {task.stall === null ? t(`phase.${task.phase}`) : t(`stall.${task.stall.kind}`)}
      </span>
      <ActButtons
        taskId={taskId}
        taskName={task.name}
        acts={mayAct ? actsOn(task) : []}
        pending={pending}
        onAct={(act) => void live.command(taskId, act)}
      />
    </li>
  )
}
