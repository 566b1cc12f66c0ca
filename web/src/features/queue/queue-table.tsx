import type { ReactNode } from 'react'
import type { Task, TaskAction, TaskList } from '../../live/protocol.js'
import { useTranslation } from '../../ui/translation.js'
import { useSelection } from '../../ui/use-selection.js'
import { useBulkAsk } from './bulk-all.js'
import { BulkBar } from './bulk-bar.js'
import { ListFoot } from './list-foot.js'
import { cell, QueueRow, Tick } from './queue-row.js'

const noIds: readonly string[] = []

/** A list of the queue with ticks: its own columns stand between a task's name and its buttons. */
export function QueueTable({
  name,
  list,
  chosen,
  acts,
  params,
  heads,
  empty,
  children,
}: {
  name: string
  list: TaskList | undefined
  chosen: string | null
  acts: readonly TaskAction[]
  params: Readonly<Record<string, string | null>>
  heads: readonly string[]
  empty: ReactNode
  children(task: Task): ReactNode
}) {
  const { t } = useTranslation()
  const ids = list?.ids ?? noIds
  const selection = useSelection(ids)
  const bulk = useBulkAsk()
  if (list === undefined) return null
  const foot = selection.ids.length > 0 ? null : <ListFoot list={list} acts={acts} bulk={bulk} />
  if (list.total === 0) {
    return (
      <>
        {empty}
        {bulk.dialog}
        {foot}
      </>
    )
  }
  return (
    <>
      <BulkBar selection={selection} acts={acts} query={list.query} bulk={bulk} />
      {bulk.dialog}
      <div className="live-area min-h-0 flex-1 overflow-auto">
        <table aria-label={name} className="w-full text-left">
          <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
            <tr className="h-8 border-b border-line">
              <th className={`${cell} w-8`}>
                <Tick label={t('queue.selectAll')} checked={selection.all} onChange={selection.toggleAll} />
              </th>
              <th className={`${cell} font-normal`}>{t('task.name')}</th>
              {heads.map((head) => (
                <th key={head} className={`${cell} align-middle font-normal`}>
                  {head}
                </th>
              ))}
              <th className={cell}>
                <span className="sr-only">{t('task.acts')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {ids.map((taskId) => (
              <QueueRow
                key={taskId}
                taskId={taskId}
                chosen={taskId === chosen}
                selection={selection}
                params={params}
              >
                {children}
              </QueueRow>
            ))}
          </tbody>
        </table>
      </div>
      {foot}
    </>
  )
}
