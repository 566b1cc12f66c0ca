import { useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { cutList } from '../../live/cut-list.js'
import { workerState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Worker } from '../../live/protocol.js'
import { selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { CutNote } from '../../ui/cut-note.js'
import { SearchInput } from '../../ui/field.js'
import { bytes, percent, useFormat } from '../../ui/format.js'
import { useKeys } from '../../ui/keys.js'
import { Link } from '../../ui/link.js'
import { Meter } from '../../ui/meter.js'
import { useObservable } from '../../ui/observable.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { AddMaster } from './add-master.js'
import { MasterDetail } from './master-detail.js'

/** Rows drawn at once; the rest is counted and found by the filter. */
const rowsMax = 300

/** Every master with its live meters; the open one beside the list. */
export function MastersScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const workers = useSelector(selectWorkers)
  const chosen = place.params.get('worker')
  const text = place.params.get('q') ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const [adding, setAdding] = useState(false)
  useKeys([
    {
      keys: 'Escape',
      label: t('keys.closeDetail'),
      group: t('keys.lists'),
      run: () => (chosen === null ? false : void set({ worker: null })),
    },
  ])
  const found = workers.filter((worker) => haystack(worker).includes(text.toLowerCase()))
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={area}
        className={`min-h-0 min-w-0 flex-1 flex-col ${chosen === null ? 'flex' : 'hidden lg:flex'}`}
      >
        <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5">
          <SearchInput
            inputRef={filter}
            label={t('masters.filter')}
            value={text}
            onValue={(value) => set({ q: value })}
            className="w-64"
          />
          <Button look="primary" icon="plus" className="ml-auto" onClick={() => setAdding(true)}>
            {t('fleet.add')}
          </Button>
        </div>
        {found.length === 0 ? (
          <Nothing
            filtered={workers.length > 0}
            onClear={() => set({ q: null })}
            onAdd={() => setAdding(true)}
          />
        ) : (
          <MasterTable workers={found} chosen={chosen} />
        )}
      </div>
      {chosen === null ? null : (
        <div className="flex min-h-0 w-full shrink-0 border-line lg:w-[26rem] lg:border-l 2xl:w-[32rem]">
          <MasterDetail workerId={chosen} onClose={() => set({ worker: null })} />
        </div>
      )}
      {adding ? <AddMaster onClose={() => setAdding(false)} /> : null}
    </div>
  )
}

const haystack = (worker: Worker): string =>
  [worker.workerId, worker.host, worker.os, ...Object.entries(worker.labels).flat()].join(' ').toLowerCase()

function Nothing({ filtered, onClear, onAdd }: { filtered: boolean; onClear(): void; onAdd(): void }) {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.nodesKnown)
  if (!known) return <Notice title={t('empty.unknown')} />
  if (filtered) {
    return (
      <Notice
        title={t('empty.mastersFiltered')}
        action={<Button onClick={onClear}>{t('clearFilter')}</Button>}
      />
    )
  }
  return (
    <Notice
      title={t('empty.masters')}
      action={
        <Button icon="plus" onClick={onAdd}>
          {t('fleet.add')}
        </Button>
      }
    />
  )
}

function MasterTable({ workers, chosen }: { workers: readonly Worker[]; chosen: string | null }) {
  const { t } = useTranslation()
  const narrow = chosen !== null
  const cut = cutList(workers, rowsMax, (worker) => workerState(worker) !== 'ok')
  const head = 'px-2 text-left font-normal first:pl-3 last:pr-3'
  return (
    <div className="live-area min-h-0 flex-1 overflow-auto">
      <table className="w-full">
        <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
          <tr className="h-8 border-b border-line">
            <th className={head}>{t('task.master')}</th>
            <th className={head}>{t('masters.status')}</th>
            <th className={head}>{t('meter.cpu')}</th>
            <th className={head}>{t('meter.memory')}</th>
            <th className={head}>{t('meter.disk')}</th>
            <th className={`${head} text-right`}>{t('meter.network')}</th>
            <th className={`${head} text-right`}>{t('masters.agents')}</th>
            <th className={`${head} text-right ${narrow ? 'hidden 2xl:table-cell' : ''}`}>
              {t('masters.tasks')}
            </th>
            <th className={`${head} text-right ${narrow ? 'hidden' : ''}`}>{t('masters.rtt')}</th>
            <th className={`${head} text-right ${narrow ? 'hidden' : ''}`}>{t('masters.seen')}</th>
          </tr>
        </thead>
        <tbody>
          {cut.shown.map((worker) => (
            <MasterRow
              key={worker.workerId}
              worker={worker}
              isChosen={worker.workerId === chosen}
              narrow={narrow}
            />
          ))}
        </tbody>
      </table>
      <CutNote {...cut} shown={cut.shown.length} />
    </div>
  )
}

function MasterRow({ worker, isChosen, narrow }: { worker: Worker; isChosen: boolean; narrow: boolean }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const sample = useObservable(live.samples.of(worker.workerId)).at(-1)
  const counts = useSelector((state: WallState) => state.summary.byWorker[worker.workerId])
  const state = workerState(worker)
  const gone = worker.status === 'offline' || worker.status === 'unknown'
  const shown = gone ? undefined : sample
  const cell = 'px-2 first:pl-3 last:pr-3'
  const meter = (label: string, fraction: number | undefined) => (
    <td className={`${cell} w-[12%] min-w-28`}>
      <Meter label={label} fraction={fraction ?? null} text={percent(fraction)} />
    </td>
  )
  return (
    <tr
      data-testid={`master-${worker.workerId}`}
      data-status={worker.status}
      className={`settle relative h-10 border-b border-line ${isChosen ? 'bg-chosen' : 'hover:bg-raised'}`}
    >
      <td className={cell}>
        <span className="flex items-center gap-2">
          <StateMark state={state} />
          <Link
            data-row=""
            screen="masters"
            params={{ worker: worker.workerId }}
            className="font-medium whitespace-nowrap after:absolute after:inset-0"
          >
            {worker.workerId}
          </Link>
        </span>
      </td>
      <td className={`${cell} whitespace-nowrap ${stateColor[state]}`}>{t(`worker.${worker.status}`)}</td>
      {meter(t('meter.cpu'), shown?.cpu)}
      {meter(t('meter.memory'), shown?.memory)}
      {meter(t('meter.disk'), shown?.disk)}
      <td className={`${cell} live-value text-right text-xs whitespace-nowrap`}>
        {shown === undefined ? (
          '–'
        ) : (
          <>
            ↓ {bytes(shown.networkRxBytesPerS)}/s
            <br />↑ {bytes(shown.networkTxBytesPerS)}/s
          </>
        )}
      </td>
      <td className={`${cell} live-value text-right whitespace-nowrap`}>
        {worker.busyAgents} / {worker.maxAgents}
      </td>
      <td
        className={`${cell} live-value text-right whitespace-nowrap ${narrow ? 'hidden 2xl:table-cell' : ''}`}
      >
        {t('masters.load', { running: counts?.running ?? 0, pending: counts?.pending ?? 0 })}
      </td>
      <td className={`${cell} live-value text-right whitespace-nowrap ${narrow ? 'hidden' : ''}`}>
        {gone || worker.rttMs === null
          ? '–'
          : t('ms', { count: Math.round((sample?.rttMs ?? worker.rttMs) * 10) / 10 })}
      </td>
      <td className={`${cell} live-value text-right whitespace-nowrap text-quiet ${narrow ? 'hidden' : ''}`}>
        {t('ago', { duration: duration(nowMs - Math.max(sample?.at ?? 0, worker.lastSeenAt)) })}
      </td>
    </tr>
  )
}
