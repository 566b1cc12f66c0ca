import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { useSelector } from 'react-redux'
import { agentState, workerState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Worker } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { bytes, percent } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Meter } from '../../ui/meter.js'
import { useObservable } from '../../ui/observable.js'
import { markColor, StateMark, StateShape, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useLinkHealth } from './links.js'

/** Each node selects its own entity by id, so that a sample draws one card and not the map. */

export const LeaderNode = memo(function LeaderNode({ id }: NodeProps) {
  const { t } = useTranslation()
  const phase = useSelector((state: WallState) => state.connection.phase)
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const { running, pending } = useSelector((state: WallState) => state.summary.tasks)
  const state = phase === 'live' ? 'ok' : 'nodata'
  return (
    <Link
      screen="tasks"
      data-map-node={id}
      data-testid={`node-${id}`}
      className="card flex h-full flex-col justify-center rounded-lg border border-strong bg-raised px-3"
    >
      <span className="flex items-center gap-2">
        <StateMark state={state} />
        <strong className="font-semibold">{t('map.leader')}</strong>
        <span className="ml-auto text-xs text-quiet">
          {phase !== 'live' ? t('state.nodata') : term === null ? '' : t('map.term', { term })}
        </span>
      </span>
      <span className="live-value text-xs text-quiet">{t('map.load', { running, pending })}</span>
    </Link>
  )
})

export const MasterNode = memo(function MasterNode({ id }: NodeProps) {
  const worker = useSelector((state: WallState) => state.workers[id])
  return worker === undefined ? null : <MasterCard worker={worker} />
})

function MasterCard({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const health = useLinkHealth(worker.workerId)
  const sample = useObservable(live.samples.of(worker.workerId)).at(-1)
  const state = health === 'stale' && worker.status === 'online' ? 'nodata' : workerState(worker)
  const edge = state === 'failed' ? 'border-mark-failed' : state === 'ok' ? 'border-line' : 'border-strong'
  const gone = worker.status === 'offline' || worker.status === 'unknown'
  const shown = gone ? undefined : sample
  const rttMs = sample?.rttMs ?? worker.rttMs
  return (
    <Link
      screen="masters"
      params={{ worker: worker.workerId }}
      tabIndex={-1}
      data-map-node={worker.workerId}
      data-testid={`node-${worker.workerId}`}
      data-status={worker.status}
      className={`card settle flex h-full flex-col gap-1 rounded-lg border bg-panel px-3 py-2 ${edge} ${gone ? 'hatched' : ''}`}
    >
      <span className="flex items-center gap-2">
        <StateMark state={state} />
        <strong className="min-w-16 flex-1 truncate font-semibold" title={worker.workerId}>
          {worker.workerId}
        </strong>
        <span className={`shrink-0 text-xs ${stateColor[state]}`}>
          {t(`worker.${worker.status}`)}
          {worker.status !== 'online' || rttMs === null ? null : (
            <span className={health === 'slow' ? 'text-waiting' : 'text-quiet'}>
              {' · '}
              {t('ms', { count: Math.round(rttMs * 10) / 10 })}
            </span>
          )}
        </span>
      </span>
      <span className="near flex flex-col gap-1">
        <MeterRow label={t('meter.cpu')} fraction={shown?.cpu ?? null} />
        <MeterRow label={t('meter.memory')} fraction={shown?.memory ?? null} />
        <MeterRow label={t('meter.disk')} fraction={shown?.disk ?? null} />
        <span className="flex justify-between text-xs text-quiet">
          <span className="live-value">
            {shown === undefined
              ? t('meter.netNone')
              : `↓ ${bytes(shown.networkRxBytesPerS)}/s  ↑ ${bytes(shown.networkTxBytesPerS)}/s`}
          </span>
          <span className="live-value">
            {t('map.agents', { busy: worker.busyAgents, max: worker.maxAgents })}
          </span>
        </span>
      </span>
      <span className="far live-value text-quiet">
        {t('map.agents', { busy: worker.busyAgents, max: worker.maxAgents })}
      </span>
    </Link>
  )
}

function MeterRow({ label, fraction }: { label: string; fraction: number | null }) {
  return (
    <span className="flex items-center gap-2 text-xs leading-4">
      <span className="w-13 shrink-0 text-quiet">{label}</span>
      <Meter label={label} fraction={fraction} text={percent(fraction)} className="flex-1" />
    </span>
  )
}

/** Agent ids carry their master: `master-1/p1`. */
export const AgentNode = memo(function AgentNode({ id, data }: NodeProps) {
  const { t } = useTranslation()
  const workerId = String(data.workerId)
  const agent = useSelector((state: WallState) =>
    state.workers[workerId]?.agents.find((each) => each.agentId === id),
  )
  const alerted = useSelector((state: WallState) =>
    Object.values(state.alerts).some(
      (alert) => alert.state === 'raised' && alert.taskId !== null && alert.taskId === agent?.currentTask,
    ),
  )
  if (agent === undefined) return null
  const state = agentState(agent, alerted)
  const label = t('map.agent', {
    id,
    state: alerted ? t('state.waiting') : t(`agent.${agent.status}`),
    task: agent.currentTask ?? t('map.noTask'),
  })
  return (
    <Link
      screen={agent.currentTask === null ? 'agents' : 'tasks'}
      params={agent.currentTask === null ? { worker: workerId } : { task: agent.currentTask }}
      tabIndex={-1}
      data-map-node={id}
      data-testid={`node-${id}`}
      data-status={agent.status}
      aria-label={label}
      title={label}
      className={`block h-full ${markColor[state]}`}
    >
      <svg viewBox="0 0 32 34" aria-hidden="true" className="size-full">
        <path
          d="M16 1 30.5 9v16L16 33 1.5 25V9Z"
          className={`settle ${state === 'ok' ? 'fill-panel stroke-strong' : 'fill-chosen'}`}
          stroke="currentColor"
          strokeWidth={state === 'ok' ? 1.25 : 1.75}
        />
        <g transform={state === 'ok' ? 'translate(12.4 13.4) scale(.6)' : 'translate(9.4 10.4) scale(1.1)'}>
          <StateShape state={state} />
        </g>
      </svg>
    </Link>
  )
})
