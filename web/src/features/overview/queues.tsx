import { useSelector } from 'react-redux'
import { workerState } from '../../live/health.js'
import type { StatusCounts, Worker } from '../../live/protocol.js'
import { selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Notice } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const none: StatusCounts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, stalled: 0 }

/** How much waits, runs and failed on each master. For the big screen; what does not fit is counted. */
export function Queues({ rowsMax }: { rowsMax: number }) {
  const { t } = useTranslation()
  const workers = useSelector(selectWorkers)
  const byWorker = useSelector((state: WallState) => state.summary.byWorker)
  if (workers.length === 0) return <Notice title={t('empty.masters')} />
  const most = Math.max(1, ...workers.map((worker) => load(byWorker[worker.workerId] ?? none)))
  return (
    <div className="live-area px-3 py-1">
      <table className="w-full">
        <thead className="text-xs text-quiet">
          <tr className="h-7">
            <th className="text-left font-normal">{t('task.master')}</th>
            <th className="w-[30%]" aria-label={t('queues.load')} />
            <th className="text-right font-normal">{t('segment.pending')}</th>
            <th className="text-right font-normal">{t('segment.running')}</th>
            <th className="text-right font-normal">{t('segment.failed')}</th>
          </tr>
        </thead>
        <tbody>
          {workers.slice(0, rowsMax).map((worker) => (
            <Row
              key={worker.workerId}
              worker={worker}
              counts={byWorker[worker.workerId] ?? none}
              most={most}
            />
          ))}
        </tbody>
      </table>
      {workers.length > rowsMax ? (
        <p className="py-1 text-quiet">{t('list.cut', { shown: rowsMax, total: workers.length })}</p>
      ) : null}
    </div>
  )
}

const load = (counts: StatusCounts): number => counts.pending + counts.running

function Row({ worker, counts, most }: { worker: Worker; counts: StatusCounts; most: number }) {
  const share = (count: number) => `${(count / most) * 100}%`
  return (
    <tr className="h-9 border-t border-line text-lg">
      <td>
        <span className="flex items-center gap-2">
          <StateMark state={workerState(worker)} />
          <span className="truncate">{worker.workerId}</span>
        </span>
      </td>
      <td className="px-3">
        <span className="flex h-2 overflow-hidden rounded-full bg-track" aria-hidden="true">
          <span className="meter-fill bg-mark-busy" style={{ width: share(counts.running) }} />
          <span className="meter-fill bg-mark-ok" style={{ width: share(counts.pending) }} />
        </span>
      </td>
      <td className="live-value text-right">{counts.pending}</td>
      <td className="live-value text-right">{counts.running}</td>
      <td className={`live-value text-right ${counts.failed > 0 ? 'text-failed' : ''}`}>{counts.failed}</td>
    </tr>
  )
}
