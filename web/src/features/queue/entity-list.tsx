import type { ReactNode } from 'react'
import { Button } from '../../ui/button.js'
import { Notice } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'
import type { Act } from '../../ui/use-act.js'
import { cell } from './queue-row.js'

/** A list of what feeds the queue: what it is for, how to make one, what the leader refused, and a row for each. */
export function EntityList({
  name,
  hint,
  make,
  act,
  heads,
  empty,
  children,
}: {
  /** Of the table, for everyone. */
  name: string
  hint: string
  /** Absent: they are made elsewhere. */
  make?: { readonly label: string; readonly onMake: () => void }
  act: Act
  /** Columns before that of the buttons. */
  heads: readonly string[]
  /** Stands in the place of the table when there is no row. */
  empty: ReactNode
  children: readonly ReactNode[]
}) {
  const { t } = useTranslation()
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <p className="min-w-0 text-quiet">{hint}</p>
        {make === undefined ? null : (
          <Button acts look="primary" icon="plus" className="ml-auto" onClick={make.onMake}>
            {make.label}
          </Button>
        )}
      </div>
      {act.refusal === null ? null : (
        <p role="alert" className="shrink-0 border-b border-line px-3 py-1.5 text-failed">
          {act.refusal}
        </p>
      )}
      {children.length === 0 ? (
        empty
      ) : (
        <div className="live-area min-h-0 flex-1 overflow-auto">
          <table aria-label={name} className="w-full text-left">
            <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
              <tr className="h-8 border-b border-line">
                {heads.map((head) => (
                  <th key={head} className={`${cell} font-normal`}>
                    {head}
                  </th>
                ))}
                <th className={cell}>
                  <span className="sr-only">{t('task.acts')}</span>
                </th>
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </>
  )
}

/** Where nothing was received yet: not even that there is none. */
export function NothingKnown() {
  const { t } = useTranslation()
  return <Notice title={t('empty.unknown')} />
}
