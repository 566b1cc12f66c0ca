import { type ReactNode, useEffect } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Worker } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { IconButton } from '../../ui/button.js'
import { bytes, percent, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Meter } from '../../ui/meter.js'
import { useObservable } from '../../ui/observable.js'
import { Fact, Notice } from '../../ui/panel.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useAgeMs, useLinkHealth } from './link-health.js'
import { masterState, selectNodeState } from './node-state.js'
import { NodeTasks, TaskLine } from './panel-tasks.js'

/** What other features show inside the panel. */
export interface PanelParts {
  /** What may be done with a master. */
  acts(worker: Worker): ReactNode
  /** The last lines of a master. */
  lines(workerId: string): ReactNode
}

/** The selected node: how it is now, what runs there, what it says, and what may be done. */
export function NodePanel({
  nodeId,
  leaderId,
  parts,
  onClose,
}: {
  nodeId: string
  leaderId: string
  parts: PanelParts
  onClose(): void
}) {
  const { t } = useTranslation()
  const slash = nodeId.indexOf('/')
  const workerId = slash < 0 ? nodeId : nodeId.slice(0, slash)
  const worker = useSelector((state: WallState) => state.workers[workerId])
  const isKnown = useSelector((state: WallState) => state.nodesKnown)
  return (
    <aside
      aria-label={t('topo.panel')}
      data-testid="map-panel"
      className="live-area flex min-h-0 w-full shrink-0 flex-col overflow-y-auto border-line bg-panel lg:w-[24rem] lg:border-l 2xl:w-[30rem]"
    >
      <header className="flex shrink-0 items-start gap-2 border-b border-line px-4 pt-2 pb-3">
        <h2 className="min-w-0 flex-1 pt-1 text-lg font-semibold break-words">{nodeId}</h2>
        <IconButton icon="close" label={t('close')} onClick={onClose} />
      </header>
      {nodeId === leaderId ? (
        <LeaderPart />
      ) : worker === undefined ? (
        <Notice title={isKnown ? t('masters.notFound', { id: nodeId }) : t('empty.unknown')} />
      ) : slash < 0 ? (
        <MasterPart worker={worker} parts={parts} />
      ) : (
        <AgentPart agentId={nodeId} worker={worker} parts={parts} />
      )}
    </aside>
  )
}

function LeaderPart() {
  const { t } = useTranslation()
  const { connection, summary, workers } = useSelector((state: WallState) => state)
  const state = connection.phase === 'live' ? 'ok' : 'nodata'
  const { running, pending } = summary.tasks
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="flex items-center gap-2">
        <StateMark state={state} />
        <span className={stateColor[state]}>{t(`state.${state}`)}</span>
      </p>
      <dl className="grid grid-cols-2 gap-3">
        <Fact name={t('topo.term')}>{connection.phase === 'live' ? connection.term : '–'}</Fact>
        <Fact name={t('screen.masters')}>
          <span className="live-value">{Object.keys(workers).length}</span>
        </Fact>
        <Fact name={t('screen.tasks')}>
          <span className="live-value">{t('map.load', { running, pending })}</span>
        </Fact>
      </dl>
    </div>
  )
}

function MasterPart({ worker, parts }: { worker: Worker; parts: PanelParts }) {
  const { t } = useTranslation()
  const { workerId } = worker
  const labels = Object.entries(worker.labels).map(([name, value]) => `${name}=${value}`)
  return (
    <div className="flex flex-col gap-4 p-4">
      <div>
        <Standing worker={worker} />
        {parts.acts(worker)}
      </div>
      <Meters worker={worker} />
      <dl className="grid grid-cols-2 gap-3">
        <Fact name={t('masters.agents')}>
          <span className="live-value">
            {t('map.agents', { busy: worker.busyAgents, max: worker.maxAgents })}
          </span>
        </Fact>
        <Fact name={t('masters.labels')}>{labels.join(', ') || '–'}</Fact>
      </dl>
      <NodeTasks workerId={workerId} />
      {parts.lines(workerId)}
      <Link
        screen="masters"
        params={{ worker: workerId }}
        className="self-start py-1 underline underline-offset-2"
      >
        {t('topo.more')}
      </Link>
    </div>
  )
}

/** State, link and age of a master in a line. */
function Standing({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const health = useLinkHealth(worker.workerId)
  const ageMs = useAgeMs(worker.workerId)
  const state = masterState(worker, health)
  const rttMs = useObservable(live.samples.of(worker.workerId)).at(-1)?.rttMs ?? worker.rttMs
  const latency = rttMs === null ? '' : ` · ${t('ms', { count: Math.round(rttMs * 10) / 10 })}`
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <StateMark state={state} />
      <span className={stateColor[state]}>{t(`worker.${worker.status}`)}</span>
      <span className="live-value text-quiet">
        {t('topo.link', { health: t(`health.${health}`) })}
        {ageMs === null ? latency : ` · ${t('ago', { duration: duration(ageMs) })}`}
      </span>
    </p>
  )
}

function Meters({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const isGone = worker.status === 'offline' || worker.status === 'unknown'
  const last = useObservable(live.samples.of(worker.workerId)).at(-1)
  const sample = isGone ? undefined : last
  const meter = (name: string, fraction: number | null) => (
    <span className="flex items-center gap-2">
      <span className="w-16 shrink-0 text-xs text-quiet">{name}</span>
      <Meter label={name} fraction={fraction} text={percent(fraction)} className="flex-1" />
    </span>
  )
  return (
    <div className="flex flex-col gap-1.5">
      {meter(t('meter.cpu'), sample?.cpu ?? null)}
      {meter(t('meter.memory'), sample?.memory ?? null)}
      {meter(t('meter.disk'), sample?.disk ?? null)}
      <span className="live-value text-xs text-quiet">
        {sample === undefined
          ? t('meter.netNone')
          : `↓ ${bytes(sample.networkRxBytesPerS)}/s  ↑ ${bytes(sample.networkTxBytesPerS)}/s`}
      </span>
    </div>
  )
}

function AgentPart({ agentId, worker, parts }: { agentId: string; worker: Worker; parts: PanelParts }) {
  const { t } = useTranslation()
  const state = useSelector((wall: WallState) => selectNodeState(wall, agentId))
  const agent = worker.agents.find((each) => each.agentId === agentId)
  useEffect(() => {
    live.watchTasks('map:agent', { ...anyTask, taskId: agent?.currentTask ?? '', limit: 1 })
    return () => live.unwatchTasks('map:agent')
  }, [agent?.currentTask])
  if (agent === undefined) return <Notice title={t('masters.notFound', { id: agentId })} />
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="flex items-center gap-2">
        <StateMark state={state} />
        <span className={stateColor[state]}>{t(`state.${state}`)}</span>
        <span className="text-quiet">{t(`agentKind.${agent.kind}`)}</span>
      </p>
      <div>
        <h3 className="mb-1 text-xs text-quiet">{t('masters.now')}</h3>
        {agent.currentTask === null ? (
          <p className="text-quiet">{t('map.noTask')}</p>
        ) : (
          <ul>
            <TaskLine taskId={agent.currentTask} />
          </ul>
        )}
      </div>
      <Standing worker={worker} />
      {parts.lines(worker.workerId)}
    </div>
  )
}
