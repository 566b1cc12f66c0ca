import { memo, type ReactNode } from 'react'
import { useSelector } from 'react-redux'
import { actsOn, taskState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Task } from '../../live/protocol.js'
import { selectPendingAction, selectTask } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { ActButtons } from '../../ui/act-buttons.js'
import { Link } from '../../ui/link.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import type { Selection } from '../../ui/use-selection.js'

export const cell = 'px-2 py-1.5 align-top first:pl-3 last:pr-3'

/** One task of a list of the queue: a tick, its name, what the list says of it, and what may be done. */
export const QueueRow = memo(function QueueRow({
  taskId,
  chosen,
  selection,
  params,
  children,
}: {
  taskId: string
  chosen: boolean
  selection: Selection
  /** Of the address that its name leads to, beside the task. */
  params: Readonly<Record<string, string | null>>
  children(task: Task): ReactNode
}) {
  const { t } = useTranslation()
  const task = useSelector((state: WallState) => selectTask(state, taskId))
  const pending = useSelector((state: WallState) => selectPendingAction(state, taskId))
  if (task === undefined) return null
  return (
    <tr
      data-testid={`task-${taskId}`}
      data-status={task.status}
      data-phase={task.phase}
      className={`border-b border-line ${chosen ? 'bg-chosen' : 'hover:bg-raised'}`}
    >
      <td className={`${cell} w-8`}>
        <Tick
          label={t('queue.select', { name: task.name })}
          checked={selection.has(taskId)}
          onChange={() => selection.toggle(taskId)}
        />
      </td>
      <td className={`${cell} max-w-64`}>
        <span className="flex min-w-0 items-center gap-2">
          <StateMark state={taskState(task)} />
          <Link
            data-row=""
            screen="queue"
            params={{ ...params, task: taskId }}
            title={task.name}
            className="min-w-0 truncate hover:underline"
          >
            {task.name}
          </Link>
        </span>
        <span className="block truncate pl-5 text-xs text-quiet">
          <span className="font-mono">{taskId}</span>
          {task.project === 'default' ? '' : ` · ${task.project}`}
          {task.tags.map((tag) => ` · ${tag}`).join('')}
        </span>
      </td>
      {children(task)}
      <td className={`${cell} w-16`}>
        <ActButtons
          taskId={taskId}
          taskName={task.name}
          acts={actsOn(task)}
          pending={pending}
          onAct={(act) => void live.command(taskId, act)}
        />
      </td>
    </tr>
  )
})

/** A small box with 24 px to hit. */
export function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange(): void }) {
  return (
    <label className="-m-0.5 inline-flex size-6 cursor-pointer items-center justify-center">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={onChange}
        className="size-4 cursor-pointer accent-busy"
      />
    </label>
  )
}
