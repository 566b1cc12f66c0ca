import type { NodeProps } from '@xyflow/react'
import { memo, type ReactNode } from 'react'
import { useSelector } from 'react-redux'
import { agentState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Worker } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { bytes, percent, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Meter } from '../../ui/meter.js'
import { useObservable } from '../../ui/observable.js'
import { markColor, StateMark, StateShape, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useAgeMs, useLinkHealth } from './link-health.js'
import { useNodeAddress } from './node-address.js'
import { isAlerted, masterState } from './node-state.js'
import { isEdge } from './plan.js'
import type { SpriteLook } from './sprites.js'

/** Each node selects its own entity by id, so that a sample draws one card and not the map. */

export const LeaderNode = memo(function LeaderNode({ id }: NodeProps) {
  const { t } = useTranslation()
  const address = useNodeAddress(id)
  const nowMs = useNow()
  const { duration } = useFormat()
  const lostAtMs = useSelector(({ connection }: WallState) =>
    connection.phase === 'stale' || connection.phase === 'offline' ? connection.sinceMs : null,
  )
  const phase = useSelector((state: WallState) => state.connection.phase)
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const { running, pending } = useSelector((state: WallState) => state.summary.tasks)
  const state = phase === 'live' ? 'ok' : 'nodata'
  return (
    <Link
      {...address}
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
      <span className="live-value text-xs text-quiet">
        {t('map.load', { running, pending })}
        {lostAtMs === null ? null : ` · ${t('ago', { duration: duration(nowMs - lostAtMs) })}`}
      </span>
    </Link>
  )
})

export const MasterNode = memo(function MasterNode({ id, data }: NodeProps) {
  const worker = useSelector((state: WallState) => state.workers[id])
  if (worker === undefined) return null
  return (
    <MasterCard worker={worker} look={lookOf(data)}>
      {data.isFar === true ? <FarFacts worker={worker} /> : <NearFacts worker={worker} />}
    </MasterCard>
  )
})

const looks: Readonly<Record<SpriteLook, string>> = {
  lit: '',
  dim: '',
  found: 'outline-2 outline-offset-2 outline-busy',
}
const lookOf = ({ look }: NodeProps['data']): SpriteLook =>
  look === 'dim' || look === 'found' ? look : 'lit'

/** Who a master is and how it is; what it does stands below. */
function MasterCard({ worker, look, children }: { worker: Worker; look: SpriteLook; children: ReactNode }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const { workerId, status } = worker
  const address = useNodeAddress(workerId)
  const ageMs = useAgeMs(workerId)
  const state = masterState(worker, useLinkHealth(workerId))
  const border = state === 'failed' ? 'border-mark-failed' : state === 'ok' ? 'border-line' : 'border-strong'
  return (
    <Link
      {...address}
      tabIndex={-1}
      data-map-node={workerId}
      data-testid={`node-${workerId}`}
      data-status={status}
      className={`card settle flex h-full flex-col gap-1 rounded-lg border bg-panel px-3 py-2 ${border} ${isGone(worker) ? 'hatched' : ''} ${isEdge(worker) ? 'edge-machine' : ''} ${looks[look]}`}
    >
      <span className="flex items-center gap-2">
        <StateMark state={state} />
        <strong className="min-w-16 flex-1 truncate font-semibold" title={workerId}>
          {workerId}
        </strong>
        {isEdge(worker) ? <span className="near shrink-0 text-xs text-quiet">{t('topo.edge')}</span> : null}
        <span className={`shrink-0 text-xs ${stateColor[state]} ${state === 'ok' ? 'near' : ''}`}>
          {t(`worker.${status}`)}
          {ageMs === null ? (
            <RoundTrip worker={worker} />
          ) : (
            <span className="live-value">{` · ${t('ago', { duration: duration(ageMs) })}`}</span>
          )}
        </span>
      </span>
      {children}
    </Link>
  )
}

const isGone = ({ status }: Worker): boolean => status === 'offline' || status === 'unknown'

function RoundTrip({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const sample = useObservable(live.samples.of(worker.workerId)).at(-1)
  const health = useLinkHealth(worker.workerId)
  const rttMs = sample?.rttMs ?? worker.rttMs
  if (worker.status !== 'online' || rttMs === null) return null
  return (
    <span className={health === 'slow' ? 'text-waiting' : 'text-quiet'}>
      {' · '}
      {t('ms', { count: Math.round(rttMs * 10) / 10 })}
    </span>
  )
}

/** From afar: one line that can still be read, and nothing that moves with every sample. */
function FarFacts({ worker: { busyAgents, maxAgents } }: { worker: Worker }) {
  const { t } = useTranslation()
  return (
    <span className="live-value text-quiet">{t('map.agents', { busy: busyAgents, max: maxAgents })}</span>
  )
}

function NearFacts({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const sample = useObservable(live.samples.of(worker.workerId)).at(-1)
  const shown = isGone(worker) ? undefined : sample
  return (
    <span className="flex flex-col gap-1">
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
  const alerted = useSelector((state: WallState) => isAlerted(state.alerts, agent?.currentTask ?? null))
  const address = useNodeAddress(id)
  if (agent === undefined) return null
  const state = agentState(agent, alerted)
  const label = t('map.agent', {
    id,
    state: alerted ? t('state.waiting') : t(`agent.${agent.status}`),
    task: agent.currentTask ?? t('map.noTask'),
  })
  return (
    <Link
      {...address}
      tabIndex={-1}
      data-map-node={id}
      data-testid={`node-${id}`}
      data-status={agent.status}
      aria-label={label}
      title={label}
      className={`block h-full ${markColor[state]} ${looks[lookOf(data)]}`}
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
