import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { taskState, workerState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Sample, Worker } from '../../live/protocol.js'
import { selectListIds } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { IconButton } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { bytes, dateTime, percent, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { useObservable } from '../../ui/observable.js'
import { Fact, Notice } from '../../ui/panel.js'
import { Sparkline } from '../../ui/sparkline.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { MasterActs } from './master-acts.js'

const spanMs = 4 * 60_000

/** One master: its load over the last minutes, what it is, who works there. */
export function MasterDetail({ workerId, onClose }: { workerId: string; onClose(): void }) {
  const { t } = useTranslation()
  const worker = useSelector((state: WallState) => state.workers[workerId])
  const known = useSelector((state: WallState) => state.nodesKnown)
  return (
    <section aria-label={t('masters.detail')} className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel">
      {worker === undefined ? (
        <>
          <div className="flex justify-end p-1.5">
            <IconButton icon="close" label={t('close')} onClick={onClose} />
          </div>
          <Notice title={known ? t('masters.notFound', { id: workerId }) : t('empty.unknown')} />
        </>
      ) : (
        <Known worker={worker} onClose={onClose} />
      )}
    </section>
  )
}

function Known({ worker, onClose }: { worker: Worker; onClose(): void }) {
  const { t } = useTranslation()
  const state = workerState(worker)
  return (
    <>
      <header className="shrink-0 border-b border-line px-4 pt-2 pb-3">
        <div className="flex items-start gap-2">
          <h2 className="min-w-0 flex-1 pt-1 text-lg font-semibold break-words">{worker.workerId}</h2>
          <IconButton icon="close" label={t('close')} onClick={onClose} />
        </div>
        <p className="flex flex-wrap items-center gap-x-2">
          <StateMark state={state} />
          <span className={stateColor[state]}>{t(`worker.${worker.status}`)}</span>
          {worker.schedulable ? null : <span className="text-quiet">{t('masters.notSchedulable')}</span>}
        </p>
        <MasterActs worker={worker} />
      </header>
      <div className="live-area min-h-0 flex-1 overflow-y-auto">
        <div className="flex flex-col gap-5 p-4">
          <Charts worker={worker} />
          <Facts worker={worker} />
          <Tasks workerId={worker.workerId} />
          <Link
            screen="logs"
            params={{ worker: worker.workerId }}
            className="self-start py-1 underline underline-offset-2"
          >
            {t('masters.logs')}
          </Link>
        </div>
      </div>
    </>
  )
}

function Charts({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const samples = useObservable(live.samples.of(worker.workerId))
  const last = worker.status === 'offline' || worker.status === 'unknown' ? undefined : samples.at(-1)
  const network = (sample: Sample) => sample.networkRxBytesPerS + sample.networkTxBytesPerS
  const top = Math.max(1024, ...samples.map(network))
  const chart = (name: string, value: string, pick: (sample: Sample) => number, max: number) => (
    <figure className="min-w-0">
      <figcaption className="flex justify-between">
        <span className="text-quiet">{name}</span>
        <span className="live-value">{value}</span>
      </figcaption>
      <Sparkline
        points={samples.map((sample) => ({ at: sample.at, value: pick(sample) }))}
        max={max}
        spanMs={spanMs}
        untilMs={nowMs}
        label={t('masters.chart', { name, value })}
      />
    </figure>
  )
  return (
    <div>
      <div className="grid grid-cols-2 gap-x-5 gap-y-4">
        {chart(t('meter.cpu'), percent(last?.cpu), (sample) => sample.cpu, 1)}
        {chart(t('meter.memory'), percent(last?.memory), (sample) => sample.memory, 1)}
        {chart(t('meter.disk'), percent(last?.disk), (sample) => sample.disk, 1)}
        {chart(t('meter.network'), last === undefined ? '–' : `${bytes(network(last))}/s`, network, top)}
      </div>
      <p className="mt-1 text-xs text-quiet">{t('masters.chartSpan')}</p>
    </div>
  )
}

function Facts({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const measuredAt = useObservable(live.samples.of(worker.workerId)).at(-1)?.at ?? 0
  const { duration } = useFormat()
  const nowMs = useNow()
  const labels = Object.entries(worker.labels)
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-3">
      <Fact name={t('masters.host')}>{worker.host || '–'}</Fact>
      <Fact name={t('masters.system')}>
        {worker.os} {worker.arch}
      </Fact>
      <Fact name={t('masters.size')}>
        {t('masters.cpus', { count: worker.cpus })} · {bytes(worker.memoryBytes)}
      </Fact>
      <Fact name={t('masters.gpus')}>
        {worker.gpus.length === 0 ? t('task.none') : worker.gpus.join(', ')}
      </Fact>
      <Fact name={t('masters.agents')}>
        <span className="live-value">
          {t('map.agents', { busy: worker.busyAgents, max: worker.maxAgents })}
        </span>
      </Fact>
      <Fact name={t('masters.rtt')}>
        <span className="live-value">
          {worker.rttMs === null ? '–' : t('ms', { count: Math.round(worker.rttMs * 10) / 10 })}
        </span>
      </Fact>
      <Fact name={t('masters.registered')}>{dateTime(worker.registeredAt)}</Fact>
      <Fact name={t('masters.seen')}>
        <span className="live-value">
          {t('ago', { duration: duration(nowMs - Math.max(measuredAt, worker.lastSeenAt)) })}
        </span>
      </Fact>
      <Fact name={t('masters.version')}>{worker.version}</Fact>
      <Fact name={t('masters.projectTypes')}>{worker.projectTypes.join(', ') || '–'}</Fact>
      <Fact name={t('masters.labels')}>
        {labels.length === 0 ? '–' : labels.map(([name, value]) => `${name}=${value}`).join(', ')}
      </Fact>
      <Fact name={t('masters.url')}>
        <span className="break-all">{worker.url ?? '–'}</span>
      </Fact>
    </dl>
  )
}

function Tasks({ workerId }: { workerId: string }) {
  const { t } = useTranslation()
  const key = `master:${workerId}`
  useEffect(() => {
    live.watchTasks(key, {
      ...anyTask,
      statuses: ['pending', 'running'],
      workerId,
      order: 'attention',
      limit: 20,
    })
    return () => live.unwatchTasks(key)
  }, [key, workerId])
  const ids = useSelector((state: WallState) => selectListIds(state, key))
  const total = useSelector((state: WallState) => state.lists[key]?.total ?? 0)
  return (
    <div>
      <h3 className="mb-1 text-xs text-quiet">{t('masters.now')}</h3>
      {ids.length === 0 ? (
        <p className="text-quiet">{t('masters.idle')}</p>
      ) : (
        <ul>
          {ids.map((taskId) => (
            <TaskLine key={taskId} taskId={taskId} />
          ))}
        </ul>
      )}
      <Link
        screen="tasks"
        params={{ worker: workerId }}
        className="inline-block py-1 underline underline-offset-2"
      >
        {total > ids.length ? t('task.more', { shown: ids.length, total }) : t('masters.allTasks')}
      </Link>
    </div>
  )
}

function TaskLine({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const task = useSelector((state: WallState) => state.tasks[taskId])
  if (task === undefined) return null
  const state = taskState(task)
  return (
    <li className="flex h-8 items-center gap-2 border-b border-line">
      <StateMark state={state} />
      <Link
        screen="tasks"
        params={{ task: taskId }}
        className="min-w-0 truncate hover:underline"
        title={task.name}
      >
        {task.name}
      </Link>
      <span className={`ml-auto shrink-0 text-xs ${stateColor[state]}`}>
        {task.stall === null ? t(`phase.${task.phase}`) : t(`stall.${task.stall.kind}`)}
      </span>
    </li>
  )
}
