import { memo, type ReactNode } from 'react'
import { useSelector } from 'react-redux'
import { taskState } from '../../live/health.js'
import type { Task } from '../../live/protocol.js'
import { selectTask } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { ActButtons } from '../../ui/act-buttons.js'
import { useNow } from '../../ui/clock.js'
import { percent, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { phaseWord, taskTime } from './task-words.js'
import { useActs } from './use-tasks.js'

/** Columns of the table: name, master, phase, progress, time, acts; where it is narrow, master and progress go. */
export const tableColumns =
  'grid grid-cols-[minmax(0,1fr)_8rem_4.5rem_3.75rem] @3xl:grid-cols-[minmax(10rem,1fr)_minmax(6rem,9rem)_minmax(8rem,10rem)_7rem_5.5rem_3.75rem] items-center gap-3'
export const wideOnly = 'hidden @3xl:block'

/** One task in a table; it selects itself, so that a change draws one row. */
export const TaskTableRow = memo(function TaskTableRow({
  taskId,
  chosen,
}: {
  taskId: string
  chosen: boolean
}) {
  const task = useSelector((state: WallState) => selectTask(state, taskId))
  if (task === undefined) return <div className="h-9 border-b border-line" />
  const state = taskState(task)
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed one by one in a window, which a table cannot do.
    // biome-ignore lint/a11y/useFocusableInteractive: the link in it has the focus.
    <div
      role="row"
      data-testid={`task-${taskId}`}
      data-status={task.status}
      data-phase={task.phase}
      className={`settle relative h-9 border-b border-line px-3 ${tableColumns} ${chosen ? 'bg-chosen' : 'hover:bg-raised'}`}
    >
      <Cell>
        <TaskName task={task} />
      </Cell>
      <Cell className={`truncate text-quiet ${wideOnly}`}>
        {task.workerId ?? task.requirements.workerId ?? '–'}
      </Cell>
      <Cell className={`truncate ${stateColor[state]}`}>
        <PhaseWord task={task} />
      </Cell>
      <Cell className={wideOnly}>
        <Progress task={task} />
      </Cell>
      <Cell className="live-value text-right text-quiet">
        <TaskTime task={task} />
      </Cell>
      <Cell className="relative">
        <RowActs task={task} />
      </Cell>
    </div>
  )
})

function Cell({ className = '', children }: { className?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the row.
    <span role="cell" className={`min-w-0 ${className}`}>
      {children}
    </span>
  )
}

/** One task in a narrow panel: two lines. */
export const TaskPanelRow = memo(function TaskPanelRow({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const task = useSelector((state: WallState) => selectTask(state, taskId))
  if (task === undefined) return <li className="h-12 border-b border-line" />
  const state = taskState(task)
  const where = task.workerId ?? task.requirements.workerId
  return (
    <li
      data-testid={`task-${taskId}`}
      data-status={task.status}
      data-phase={task.phase}
      className="settle relative flex h-12 items-center gap-2 border-b border-line pr-1.5 pl-3 hover:bg-raised"
    >
      <div className="min-w-0 flex-1">
        <TaskName task={task} />
        <div className="flex min-w-0 items-center gap-1 pl-5 text-xs text-quiet">
          <span className={`shrink-0 ${stateColor[state]}`}>
            <PhaseWord task={task} />
          </span>
          <span className="min-w-0 truncate">· {where ?? t('task.anyMaster')}</span>
          <span className="live-value shrink-0">
            · <TaskTime task={task} />
          </span>
        </div>
      </div>
      {task.progress !== null && task.status === 'running' ? (
        <span className="w-16 shrink-0">
          <Progress task={task} />
        </span>
      ) : null}
      <span className="relative">
        <RowActs task={task} />
      </span>
    </li>
  )
})

/** The link of a row covers all of it, below the buttons. */
function TaskName({ task }: { task: Task }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <StateMark state={taskState(task)} />
      <Link
        data-row=""
        screen="tasks"
        params={{ task: task.taskId }}
        title={task.name}
        className="min-w-0 truncate after:absolute after:inset-0"
      >
        {task.name}
      </Link>
    </span>
  )
}

function PhaseWord({ task }: { task: Task }) {
  const { t } = useTranslation()
  return <>{phaseWord(task, t)}</>
}

function TaskTime({ task }: { task: Task }) {
  const { duration, span } = useFormat()
  const ms = taskTime(task, useNow())
  // What was cancelled before it ran took no time at all.
  if (task.status === 'cancelled' && task.startedAt === null) return <>–</>
  return <>{task.completedAt === null ? duration(ms) : span(ms)}</>
}

function Progress({ task }: { task: Task }) {
  const { t } = useTranslation()
  if (task.progress === null || task.status !== 'running') return null
  const text = percent(task.progress)
  return (
    <span className="flex items-center gap-1.5">
      <progress
        max={1}
        value={task.progress}
        aria-label={t('task.progressOf', { name: task.name })}
        className="progress h-1.5 min-w-0 flex-1"
      />
      <span className="live-value w-[2.6em] text-right text-xs">{text}</span>
    </span>
  )
}

function RowActs({ task }: { task: Task }) {
  const { acts, pending, act } = useActs(task)
  return <ActButtons taskId={task.taskId} taskName={task.name} acts={acts} pending={pending} onAct={act} />
}
