import { useMemo, useRef } from 'react'
import { useSelector } from 'react-redux'
import { selectWorkerIds } from '../../live/selectors.js'
import { Button } from '../../ui/button.js'
import { Field, SearchInput, Select } from '../../ui/field.js'
import { localOfMs, msOfLocal } from '../../ui/local-time.js'
import { Notice } from '../../ui/panel.js'
import { useRefusal } from '../../ui/refusal.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { type Selection, useSelection } from '../../ui/use-selection.js'
import { RunTable } from './run-table.js'
import { type HistoryResult, useHistory } from './use-history.js'

const statuses = ['completed', 'failed', 'cancelled', 'running', 'pending'] as const

/** Past runs; two that are ticked can be compared. */
export function RunHistory() {
  const { t } = useTranslation()
  const place = usePlace()
  const at = (name: string) => place.params.get(name) ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const workerIds = useSelector(selectWorkerIds)
  const query = {
    from: at('from'),
    to: at('to'),
    status: at('status'),
    workerId: at('worker'),
    text: at('q'),
  }
  const { result, more, again } = useHistory(query)
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const listed = useMemo(() => result.tasks.map((task) => task.taskId), [result.tasks])
  const selection = useSelection(listed)
  const filtered = Object.values(query).some((value) => value !== '')
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-end gap-2 border-b border-line px-3 py-2">
        <Field label={t('history.from')}>
          <input
            type="datetime-local"
            className="field"
            value={localOfMs(at('from'))}
            onChange={(event) => set({ from: msOfLocal(event.target.value) })}
          />
        </Field>
        <Field label={t('history.to')}>
          <input
            type="datetime-local"
            className="field"
            value={localOfMs(at('to'))}
            onChange={(event) => set({ to: msOfLocal(event.target.value) })}
          />
        </Field>
        <Field label={t('history.status')}>
          <Select
            value={at('status')}
            onChange={(event) => set({ status: event.target.value })}
            choices={[
              { value: '', label: t('history.anyStatus') },
              ...statuses.map((status) => ({ value: status, label: t(`segment.${status}`) })),
            ]}
          />
        </Field>
        <Field label={t('task.master')}>
          <Select
            value={at('worker')}
            onChange={(event) => set({ worker: event.target.value })}
            choices={[
              { value: '', label: t('task.allMasters') },
              ...workerIds.map((id) => ({ value: id, label: id })),
            ]}
          />
        </Field>
        <SearchInput
          inputRef={filter}
          label={t('history.filterText')}
          value={at('q')}
          onValue={(value) => set({ q: value })}
          className="w-56"
        />
        {filtered ? (
          <Button
            look="bare"
            onClick={() => set({ from: null, to: null, status: null, worker: null, q: null })}
          >
            {t('clearFilter')}
          </Button>
        ) : null}
      </div>
      <Chosen selection={selection} />
      <Found result={result} selection={selection} filtered={filtered} onMore={more} onAgain={again} />
    </div>
  )
}

/** Two runs are compared; one waits for another. */
function Chosen({ selection }: { selection: Selection }) {
  const { t } = useTranslation()
  const place = usePlace()
  const { ids } = selection
  if (ids.length === 0) return null
  // The earlier one stands left.
  const compare = () => goTo(hrefWith(place, { compare: [...ids].reverse().join(',') }))
  return (
    <div
      role="toolbar"
      aria-label={t('compare.chosen')}
      className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-chosen px-3 py-1.5"
    >
      <span className="font-medium">{t('compare.count', { count: ids.length })}</span>
      <Button disabled={ids.length !== 2} onClick={compare}>
        {t('compare.act')}
      </Button>
      {ids.length === 2 ? null : <span className="text-quiet">{t('compare.two')}</span>}
      <Button look="bare" onClick={selection.clear}>
        {t('compare.clear')}
      </Button>
    </div>
  )
}

function Found({
  result,
  selection,
  filtered,
  onMore,
  onAgain,
}: {
  result: HistoryResult
  selection: Selection
  filtered: boolean
  onMore(): void
  onAgain(): void
}) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const { tasks } = result
  if (result.phase === 'failed' && tasks.length === 0) {
    return (
      <Notice
        title={t('history.failed')}
        tone="failed"
        action={<Button onClick={onAgain}>{t('tryAgain')}</Button>}
      >
        {refusalOf(result.cause)}
      </Notice>
    )
  }
  if (tasks.length === 0) {
    if (result.phase === 'loading') return <Notice title={t('loading')} />
    return <Notice title={filtered ? t('empty.historyFiltered') : t('empty.history')} />
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <RunTable tasks={tasks} selection={selection} />
      <div className="flex items-center gap-3 p-3">
        {result.phase === 'failed' ? <span className="text-failed">{refusalOf(result.cause)}</span> : null}
        <span className="text-quiet">{t('history.shown', { count: tasks.length })}</span>
        {result.phase === 'loaded' && result.nextCursor === null ? null : (
          <Button
            disabled={result.phase === 'loading'}
            onClick={result.phase === 'failed' ? onAgain : onMore}
          >
            {result.phase === 'loading' ? t('loading') : t('history.more')}
          </Button>
        )}
      </div>
    </div>
  )
}
