import { useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../../live/store.js'
import { Link } from '../../ui/link.js'
import { Notice, Panel } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { useTranslation } from '../../ui/translation.js'
import { TaskPanelRow } from './task-row.js'
import { segmentStatuses, type TaskSegment, TaskSegments } from './task-segments.js'
import { useTaskList } from './use-tasks.js'

const rowsMax = 50

/** The queue over all masters, what needs a person first. For the overview. */
export function TaskPanel() {
  const { t } = useTranslation()
  const [segment, choose] = useState<TaskSegment>('open')
  const known = useSelector((state: WallState) => state.summary.known)
  const list = useTaskList(
    'panel',
    { statuses: segmentStatuses[segment], workerId: null, text: '' },
    { order: segment === 'completed' ? 'newest' : 'attention', from: 0, limit: rowsMax },
  )
  const rows = useRef<HTMLUListElement>(null)
  useRowKeys(rows)
  const hidden = (list?.total ?? 0) - (list?.ids.length ?? 0)
  return (
    <Panel
      title={t('task.queue')}
      tools={
        <TaskSegments
          choices={['open', 'pending', 'running', 'failed', 'completed']}
          value={segment}
          onValue={choose}
        />
      }
    >
      {!known || list === undefined ? (
        <Notice title={t('empty.unknown')} />
      ) : list.total === 0 ? (
        <Notice title={segment === 'open' ? t('empty.tasksOpen') : t('empty.tasksFiltered')}>
          {segment === 'open' ? (
            <code className="font-mono text-xs">agentflow task run -- echo hello</code>
          ) : null}
        </Notice>
      ) : (
        <ul ref={rows} className="live-area min-h-0 flex-1 overflow-y-auto">
          {list.ids.map((taskId) => (
            <TaskPanelRow key={taskId} taskId={taskId} />
          ))}
          {hidden > 0 ? (
            <li className="px-3 py-2 text-quiet">
              <Link screen="tasks" className="underline underline-offset-2">
                {t('task.more', { shown: list.ids.length, total: list.total })}
              </Link>
            </li>
          ) : null}
        </ul>
      )}
    </Panel>
  )
}
