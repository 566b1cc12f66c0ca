import type { RefObject } from 'react'
import { useSelector } from 'react-redux'
import type { Band } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { bandOf, bands } from '../../live/waiting.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { SearchInput } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { cell } from './queue-row.js'
import { QueueTable } from './queue-table.js'
import { useQueueList } from './use-queue-list.js'
import { useReasonWord, Why } from './why.js'

const waiting = ['pending'] as const
const isBand = (value: string | null): value is Band => bands.some((band) => band === value)

/** What waits, in the order of its turn: by band and by reason, each with why. */
export function Waiting({
  chosen,
  filter,
}: {
  chosen: string | null
  filter: RefObject<HTMLInputElement | null>
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const asked = place.params.get('band')
  const band = isBand(asked) ? asked : null
  const reason = place.params.get('reason')
  const text = place.params.get('q') ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const list = useQueueList('queue:waiting', { statuses: waiting, band, reason, text, order: 'queue' })
  const filtered = band !== null || reason !== null || text !== ''
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-3 py-1.5">
        <BandSegments value={band} onValue={(value) => set({ band: value })} />
        <ReasonSegments value={reason} onValue={(value) => set({ reason: value })} />
        <SearchInput
          inputRef={filter}
          label={t('task.filterText')}
          value={text}
          onValue={(value) => set({ q: value })}
          className="ml-auto w-56"
        />
      </div>
      <QueueTable
        name={t('queue.view.waiting')}
        list={list}
        chosen={chosen}
        acts={['cancel']}
        params={{ band, reason, q: text }}
        heads={[t('task.priority'), t('queue.why'), t('task.phase'), t('queue.waited')]}
        empty={<Empty filtered={filtered} onClear={() => set({ band: null, reason: null, q: null })} />}
      >
        {(task) => (
          <>
            <td className={`${cell} whitespace-nowrap`}>
              {task.priority} <span className="text-quiet">{t(`band.${bandOf(task.priority)}`)}</span>
            </td>
            <td className={cell}>
              <Why task={task} />
            </td>
            <td className={`${cell} whitespace-nowrap text-quiet`}>{t(`phase.${task.phase}`)}</td>
            <td className={`${cell} live-value whitespace-nowrap text-quiet`}>
              <Waited sinceMs={task.createdAt} />
            </td>
          </>
        )}
      </QueueTable>
    </>
  )
}

function Waited({ sinceMs }: { sinceMs: number }) {
  const { duration } = useFormat()
  return <>{duration(Math.max(0, useNow() - sinceMs))}</>
}

function BandSegments({ value, onValue }: { value: Band | null; onValue(value: Band | null): void }) {
  const { t } = useTranslation()
  const counts = useSelector((state: WallState) => state.summary.waiting.bands)
  const all = bands.reduce((sum, band) => sum + counts[band], 0)
  return (
    <Segments
      label={t('queue.band')}
      value={value ?? 'all'}
      onValue={(next) => onValue(isBand(next) ? next : null)}
      segments={[
        { value: 'all', label: t('segment.all'), count: all },
        ...bands.map((band) => ({ value: band, label: t(`band.${band}`), count: counts[band] })),
      ]}
    />
  )
}

function ReasonSegments({ value, onValue }: { value: string | null; onValue(value: string | null): void }) {
  const { t } = useTranslation()
  const wordOf = useReasonWord()
  const reasons = useSelector((state: WallState) => state.summary.waiting.reasons)
  const codes = Object.keys(reasons).filter((code) => code !== '')
  if (codes.length === 0 && value === null) return null
  const shown = value === null || codes.includes(value) ? codes : [...codes, value]
  return (
    <Segments
      label={t('queue.why')}
      value={value ?? 'any'}
      onValue={(next) => onValue(next === 'any' ? null : next)}
      segments={[
        { value: 'any', label: t('queue.anyReason') },
        ...shown.map((code) => ({ value: code, label: wordOf(code), count: reasons[code] ?? 0 })),
      ]}
    />
  )
}

function Empty({ filtered, onClear }: { filtered: boolean; onClear(): void }) {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.summary.known)
  if (!known) return <Notice title={t('empty.unknown')} />
  if (filtered) {
    return (
      <Notice
        title={t('empty.tasksFiltered')}
        action={<Button onClick={onClear}>{t('clearFilter')}</Button>}
      />
    )
  }
  return <Notice title={t('queue.emptyWaiting')}>{t('queue.emptyWaitingHint')}</Notice>
}
