import { live } from '../../live/live.js'
import type { TaskAction, TaskQuery } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { useTranslation } from '../../ui/translation.js'
import type { Selection } from '../../ui/use-selection.js'
import { BulkAll, type BulkAsk } from './bulk-all.js'

/**
 * What can be done with every ticked row; each is a command with a receipt of its own, shown in the tray. Beside it, the
 * same for all that match, listed or not.
 */
export function BulkBar({
  selection,
  acts,
  query,
  bulk,
}: {
  selection: Selection
  acts: readonly TaskAction[]
  query: TaskQuery
  bulk: BulkAsk
}) {
  const { t } = useTranslation()
  const count = selection.ids.length
  if (count === 0) return null
  const give = (action: TaskAction) => {
    for (const taskId of selection.ids) live.command(taskId, action)
    selection.clear()
  }
  return (
    <div
      role="toolbar"
      aria-label={t('queue.bulk')}
      className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-chosen px-3 py-1.5"
    >
      <span className="live-value font-medium">{t('queue.selected', { count })}</span>
      {acts.map((action) => (
        <Button acts key={action} icon={action} onClick={() => give(action)}>
          {t(`act.${action}`)}
        </Button>
      ))}
      <Button look="bare" onClick={selection.clear}>
        {t('queue.unselect')}
      </Button>
      <span className="ml-auto flex flex-wrap gap-2">
        <BulkAll query={query} acts={acts} bulk={bulk} />
      </span>
    </div>
  )
}
