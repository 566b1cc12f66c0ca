import { createSelector } from '@reduxjs/toolkit'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useSelector } from 'react-redux'
import type { Agent } from '../../../../src/contract/worker.js'
import { agentState } from '../../live/health.js'
import { selectWorkerIds, selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { SearchInput, Select } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { type Segment, Segments } from '../../ui/segments.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'

const statuses = ['idle', 'busy', 'error', 'offline'] as const
/** Rows drawn at once; the rest is counted and found by the filter. */
const rowsMax = 300

const selectAgents = createSelector([selectWorkers], (workers) => workers.flatMap((worker) => worker.agents))

/** Every executor of every master. */
export function AgentsScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const agents = useSelector(selectAgents)
  const workerIds = useSelector(selectWorkerIds)
  const known = useSelector((state: WallState) => state.nodesKnown)
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const [status, workerId, text] = [
    place.params.get('status'),
    place.params.get('worker'),
    place.params.get('q') ?? '',
  ]
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const found = agents.filter(
    (agent) =>
      (status === null || agent.status === status) &&
      (workerId === null || agent.workerId === workerId) &&
      `${agent.agentId} ${agent.kind} ${agent.currentTask ?? ''}`.toLowerCase().includes(text.toLowerCase()),
  )
  const segments: Segment[] = [
    { value: 'all', label: t('segment.all'), count: agents.length },
    ...statuses.map((each) => ({
      value: each,
      label: t(`agent.${each}`),
      count: agents.filter((agent) => agent.status === each).length,
      ...(each === 'error' ? { mark: 'failed' as const } : {}),
    })),
  ]
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <Segments
          label={t('task.filterStatus')}
          segments={segments}
          value={status ?? 'all'}
          onValue={(value) => set({ status: value === 'all' ? null : value })}
        />
        <Select
          aria-label={t('task.filterMaster')}
          value={workerId ?? ''}
          onChange={(event) => set({ worker: event.target.value || null })}
          choices={[
            { value: '', label: t('task.allMasters') },
            ...workerIds.map((id) => ({ value: id, label: id })),
          ]}
        />
        <SearchInput
          inputRef={filter}
          label={t('agents.filter')}
          value={text}
          onValue={(value) => set({ q: value })}
          className="w-56"
        />
      </div>
      {found.length > 0 ? (
        <AgentTable agents={found.slice(0, rowsMax)} total={found.length} />
      ) : (
        <Notice
          title={
            !known ? t('empty.unknown') : agents.length === 0 ? t('empty.agents') : t('empty.agentsFiltered')
          }
          action={
            agents.length > 0 ? (
              <Button onClick={() => set({ status: null, worker: null, q: null })}>{t('clearFilter')}</Button>
            ) : null
          }
        />
      )}
    </div>
  )
}

function AgentTable({ agents, total }: { agents: readonly Agent[]; total: number }) {
  const { t } = useTranslation()
  return (
    <div className="live-area min-h-0 flex-1 overflow-auto">
      <table className="w-full text-left">
        <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
          <tr className="h-8 border-b border-line">
            <th className="pl-3 font-normal">{t('agents.name')}</th>
            <th className="font-normal">{t('task.master')}</th>
            <th className="font-normal">{t('agents.kind')}</th>
            <th className="font-normal">{t('agents.status')}</th>
            <th className="font-normal">{t('agents.task')}</th>
            <th className="pr-3 text-right font-normal">{t('agents.since')}</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentRow key={agent.agentId} agent={agent} />
          ))}
        </tbody>
      </table>
      {total > agents.length ? (
        <p className="p-3 text-quiet">{t('list.cut', { shown: agents.length, total })}</p>
      ) : null}
    </div>
  )
}

function AgentRow({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const stalled = useSelector((state: WallState) =>
    Object.values(state.alerts).some(
      (alert) => alert.state === 'raised' && alert.taskId !== null && alert.taskId === agent.currentTask,
    ),
  )
  const state = agentState(agent, stalled)
  return (
    <tr className="h-9 border-b border-line hover:bg-raised" data-status={agent.status}>
      <td className="pl-3">
        <span className="flex items-center gap-2">
          <StateMark state={state} />
          {agent.agentId}
        </span>
      </td>
      <td>
        <Link screen="masters" params={{ worker: agent.workerId }} className="hover:underline">
          {agent.workerId}
        </Link>
      </td>
      <td className="text-quiet">{t(`agentKind.${agent.kind}`)}</td>
      <td className={stateColor[state]}>{stalled ? t('agents.stalled') : t(`agent.${agent.status}`)}</td>
      <td>
        {agent.currentTask === null ? (
          <span className="text-quiet">–</span>
        ) : (
          <Link
            data-row=""
            screen="tasks"
            params={{ task: agent.currentTask }}
            className="underline underline-offset-2"
          >
            <TaskNameOf taskId={agent.currentTask} />
          </Link>
        )}
      </td>
      <td className="live-value pr-3 text-right text-quiet">{duration(nowMs - agent.createdAt)}</td>
    </tr>
  )
}

function TaskNameOf({ taskId }: { taskId: string }) {
  const name = useSelector((state: WallState) => state.tasks[taskId]?.name)
  return <>{name ?? taskId}</>
}
