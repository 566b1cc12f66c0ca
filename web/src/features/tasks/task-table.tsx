import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type RefObject, useEffect, useState } from 'react'
import { useRemPx } from '../../ui/rem.js'
import { useTranslation } from '../../ui/translation.js'
import { usePlace } from '../../ui/url.js'
import { TaskTableRow, tableColumns, wideOnly } from './task-row.js'
import { type TaskFilter, useTaskList } from './use-tasks.js'

/** Height of a row: h-9. */
const rowRem = 2.25
/** Rows asked at once; the window moves in steps of a third, so that scrolling asks rarely. */
const windowRows = 120
const step = windowRows / 3

/** Every task that matches, however many: the worker filters, and only the rows near the screen come here. */
export function TaskTable({
  filter,
  chosen,
  scroller,
  empty,
}: {
  filter: TaskFilter
  chosen: string | null
  scroller: RefObject<HTMLDivElement | null>
  empty: ReactNode
}) {
  const { t } = useTranslation()
  const [from, setFrom] = useState(0)
  // Nobody scrolls the big screen: what needs somebody stands first.
  const order = usePlace().params.get('wall') === '1' ? 'attention' : 'newest'
  const list = useTaskList('table', filter, { order, from, limit: windowRows })
  const total = list?.total ?? 0
  const rowPx = rowRem * useRemPx()
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 6,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height must be laid out anew.
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx])
  const items = virtualizer.getVirtualItems()
  const first = items[0]?.index ?? 0
  const wanted = Math.max(0, Math.floor(first / step) * step - step)
  useEffect(() => setFrom(wanted), [wanted])
  const start = list?.query.from ?? 0
  if (list !== undefined && total === 0) return empty
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed one by one in a window, which a table cannot do.
    <div
      role="table"
      aria-rowcount={total}
      aria-label={t('screen.tasks')}
      className="live-area @container flex min-h-0 flex-1 flex-col"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: a heading row. */}
      <div role="row" className={`h-8 shrink-0 border-b border-line px-3 text-xs text-quiet ${tableColumns}`}>
        <Head>{t('task.name')}</Head>
        <Head className={wideOnly}>{t('task.master')}</Head>
        <Head>{t('task.phase')}</Head>
        <Head className={wideOnly}>{t('task.progress')}</Head>
        <Head className="text-right">{t('task.time')}</Head>
        <Head className="sr-only">{t('task.acts')}</Head>
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const taskId = list?.ids[item.index - start]
            return (
              <div
                key={taskId ?? item.index}
                className="absolute top-0 left-0 w-full"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {taskId === undefined ? (
                  <div className="h-9 border-b border-line" />
                ) : (
                  <TaskTableRow taskId={taskId} chosen={taskId === chosen} />
                )}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Head({ className = '', children }: { className?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the table.
    // biome-ignore lint/a11y/useFocusableInteractive: a heading cell.
    <span role="columnheader" className={`min-w-0 truncate ${className}`}>
      {children}
    </span>
  )
}
