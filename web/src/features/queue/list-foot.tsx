import { useSelector } from 'react-redux'
import type { TaskAction, TaskList } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { useTranslation } from '../../ui/translation.js'
import { BulkAll, type BulkAsk } from './bulk-all.js'

/** Below a list that is not all there is: what is not drawn, what this wall does not hold, and how both are reached. */
export function ListFoot({
  list,
  acts,
  bulk,
}: {
  list: TaskList
  acts: readonly TaskAction[]
  bulk: BulkAsk
}) {
  const { t } = useTranslation()
  const { unseen, openCut } = useSelector((state: WallState) => state.summary)
  const shown = list.ids.length
  const isCut = list.query.statuses.includes('pending') ? openCut : unseen > 0
  if (list.total <= shown && !isCut) return null
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line px-3 py-1.5">
      <p className="min-w-0 text-quiet">
        {list.total > shown ? t('list.cut', { shown, total: list.total }) : null}{' '}
        {isCut ? t('queue.unseen') : null}
      </p>
      <span className="ml-auto flex flex-wrap gap-2">
        <BulkAll query={list.query} acts={acts} bulk={bulk} />
      </span>
    </div>
  )
}
