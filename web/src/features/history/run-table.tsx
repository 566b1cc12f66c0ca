import { taskState } from '../../live/health.js'
import type { Task } from '../../live/protocol.js'
import { dateTime, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import type { Selection } from '../../ui/use-selection.js'

/** Past runs as a table, each with a box to tick. */
export function RunTable({ tasks, selection }: { tasks: readonly Task[]; selection: Selection }) {
  const { t } = useTranslation()
  const head = 'px-2 font-normal first:pl-3 last:pr-3'
  return (
    <table className="w-full text-left">
      <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
        <tr className="h-8 border-b border-line">
          <th className={`${head} w-10`}>
            <span className="sr-only">{t('compare.tick')}</span>
          </th>
          <th className={head}>{t('task.name')}</th>
          <th className={head}>{t('task.phase')}</th>
          <th className={head}>{t('task.master')}</th>
          <th className={head}>{t('task.project')}</th>
          <th className={head}>{t('task.created')}</th>
          <th className={`${head} text-right`}>{t('task.time')}</th>
          <th className={`${head} text-right`}>{t('task.exit')}</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <RunRow
            key={task.taskId}
            task={task}
            ticked={selection.has(task.taskId)}
            onTick={selection.toggle}
          />
        ))}
      </tbody>
    </table>
  )
}

function RunRow({ task, ticked, onTick }: { task: Task; ticked: boolean; onTick(taskId: string): void }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const state = taskState(task)
  const cell = 'px-2 first:pl-3 last:pr-3'
  const took = task.startedAt === null || task.completedAt === null ? null : task.completedAt - task.startedAt
  return (
    <tr className="relative h-9 border-b border-line hover:bg-raised">
      <td className={cell}>
        <label className="relative z-[1] flex size-6 items-center justify-center">
          <input
            type="checkbox"
            aria-label={t('compare.choose', { name: task.name, id: task.taskId })}
            checked={ticked}
            onChange={() => onTick(task.taskId)}
            className="size-4"
          />
        </label>
      </td>
      <td className={`${cell} max-w-0 w-[34%]`}>
        <span className="flex items-center gap-2">
          <StateMark state={state} />
          <Link
            data-row=""
            screen="tasks"
            params={{ task: task.taskId }}
            title={task.name}
            className="truncate after:absolute after:inset-0"
          >
            {task.name}
          </Link>
        </span>
      </td>
      <td className={`${cell} ${stateColor[state]}`}>
        {task.stall === null ? t(`phase.${task.phase}`) : t(`stall.${task.stall.kind}`)}
      </td>
      <td className={`${cell} text-quiet`}>{task.workerId ?? '–'}</td>
      <td className={`${cell} text-quiet`}>{task.project}</td>
      <td className={`${cell} figure whitespace-nowrap text-quiet`}>{dateTime(task.createdAt)}</td>
      <td className={`${cell} figure text-right`}>{took === null ? '–' : span(took)}</td>
      <td className={`${cell} figure text-right`}>{task.result?.signal ?? task.result?.exitCode ?? '–'}</td>
    </tr>
  )
}
