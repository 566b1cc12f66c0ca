import { type ReactNode, useState } from 'react'
import type { TaskFilterWords } from '../../../../src/contract/work.js'
import { actsFilterOf } from '../../live/acts-filter.js'
import type { TaskAction, TaskQuery } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { useTranslation } from '../../ui/translation.js'
import { BulkDialog } from './bulk-dialog.js'

/** The dialog of a bulk act; it must stand where it outlives the rows that the act takes away. Its key keeps it. */
export interface BulkAsk {
  readonly ask: (action: TaskAction, filter: TaskFilterWords) => void
  readonly dialog: ReactNode
}

export function useBulkAsk(): BulkAsk {
  const [asked, setAsked] = useState<{ action: TaskAction; filter: TaskFilterWords } | null>(null)
  return {
    ask: (action, filter) => setAsked({ action, filter }),
    dialog: asked === null ? null : <BulkDialog key="bulk" {...asked} onClose={() => setAsked(null)} />,
  }
}

/**
 * Acts on every task that a list's filter matches, held by this wall or not. Draws nothing where the filter narrows
 * nothing that an act could be told.
 */
export function BulkAll({
  query,
  acts,
  bulk,
}: {
  query: TaskQuery
  acts: readonly TaskAction[]
  bulk: BulkAsk
}) {
  const { t } = useTranslation()
  const filter = actsFilterOf(query)
  if (filter === null) return null
  return acts.map((action) => (
    <Button acts key={action} icon={action} onClick={() => bulk.ask(action, filter)}>
      {t('bulk.all', { act: t(`act.${action}`) })}
    </Button>
  ))
}
