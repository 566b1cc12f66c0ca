import { useSelector } from 'react-redux'
import type { State } from '../../live/health.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { useRoom } from '../../ui/room.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { type QueueRow, selectQueueRows, shownRows } from './queue-rows.js'

const rowRem = 2
const headRem = 2.25
/** The line that counts the rest. */
const countRem = 1.75

/** How much waits, runs and failed on each master, and when it is empty. What does not fit is counted. */
export function Queues() {
  const { t } = useTranslation()
  const nowMs = useNow()
  const { area, rowsOf } = useRoom()
  const known = useSelector((state: WallState) => state.nodesKnown)
  // To the second: the time to empty of a queue that nobody works at grows by itself.
  const rows = useSelector((state: WallState) => selectQueueRows(state, nowMs))
  const { shown, hidden, hiddenPending } = shownRows(rows, {
    all: rowsOf(rowRem, headRem),
    besideCount: rowsOf(rowRem, headRem + countRem),
  })
  const most = Math.max(1, ...rows.map((row) => row.pending + row.running))
  return (
    <div ref={area} data-testid="wall-queues" className="live-area min-h-0 flex-1 px-3 py-1">
      {rows.length === 0 ? (
        <Notice title={known ? t('empty.masters') : t('empty.unknown')} />
      ) : (
        <table className="w-full table-fixed">
          <thead className="text-sm text-quiet">
            <tr className="h-7">
              <th className="w-[34%] text-left font-normal">{t('task.master')}</th>
              <th aria-label={t('queues.load')} />
              <th className="w-[13%] text-right font-normal">{t('segment.pending')}</th>
              <th className="w-[13%] text-right font-normal">{t('segment.running')}</th>
              <th className="w-[12%] text-right font-normal">{t('segment.failed')}</th>
              <th className="w-[16%] text-right font-normal">{t('queues.empty')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={row.workerId ?? ''} row={row} most={most} />
            ))}
          </tbody>
        </table>
      )}
      {hidden > 0 ? (
        <p className="live-value truncate py-1 text-quiet">
          {t('queues.hidden', { count: hidden, pending: hiddenPending })}
        </p>
      ) : null}
    </div>
  )
}

function Row({ row, most }: { row: QueueRow; most: number }) {
  const { t } = useTranslation()
  const share = (count: number) => `${(count / most) * 100}%`
  return (
    <tr className="h-8 border-t border-line text-lg">
      <td>
        <span className="flex items-center gap-2">
          <StateMark state={row.state satisfies State} />
          <span className={`truncate ${row.workerId === null ? 'text-quiet' : ''}`}>
            {row.workerId ?? t('queues.unplaced')}
          </span>
        </span>
      </td>
      <td className="px-3">
        <span className="flex h-2 overflow-hidden rounded-full bg-track" aria-hidden="true">
          <span className="meter-fill bg-mark-busy" style={{ width: share(row.running) }} />
          <span className="meter-fill bg-mark-ok" style={{ width: share(row.pending) }} />
        </span>
      </td>
      <td className="live-value text-right">{row.pending}</td>
      <td className="live-value text-right">{row.running}</td>
      <td className={`live-value text-right ${row.failed > 0 ? 'text-failed' : ''}`}>{row.failed}</td>
      <td className="live-value text-right">
        <EmptyIn row={row} />
      </td>
    </tr>
  )
}

function EmptyIn({ row: { pending, emptyInMs } }: { row: QueueRow }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  if (pending === 0) return <span className="text-quiet">{t('queues.isEmpty')}</span>
  if (emptyInMs === null) return <span title={t('queues.noPace')}>–</span>
  return <>{duration(emptyInMs)}</>
}
