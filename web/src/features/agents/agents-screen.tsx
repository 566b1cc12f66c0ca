import { createSelector } from '@reduxjs/toolkit'
import { type Ref, useMemo, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { type CutList, cutList } from '../../live/cut-list.js'
import { agentState } from '../../live/health.js'
import type { Agent } from '../../live/protocol.js'
import { selectWorkerIds, selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { CutNote } from '../../ui/cut-note.js'
import { SearchInput, Select } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { useKeys } from '../../ui/keys.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { type Segment, Segments } from '../../ui/segments.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { type Selection, useSelection } from '../../ui/use-selection.js'
import { AgentActs } from './agent-acts.js'
import { AgentDetail } from './agent-detail.js'
import { CreateAgents } from './create-agents.js'

const statuses = ['idle', 'busy', 'error', 'offline'] as const
/** Rows drawn at once; the rest is counted and found by the filter. */
const rowsMax = 300

const selectAgents = createSelector([selectWorkers], (workers) => workers.flatMap((worker) => worker.agents))

/** Every executor of every master; the open one beside the list. */
export function AgentsScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const agents = useSelector(selectAgents)
  const known = useSelector((state: WallState) => state.nodesKnown)
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const [creating, setCreating] = useState(false)
  const [status, workerId, text, chosen] = [
    place.params.get('status'),
    place.params.get('worker'),
    place.params.get('q') ?? '',
    place.params.get('agent'),
  ]
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  useKeys([
    {
      keys: 'Escape',
      label: t('keys.closeDetail'),
      group: t('keys.lists'),
      run: () => (chosen === null ? false : void set({ agent: null })),
    },
    { keys: 'n', label: t('fleet.create'), group: t('keys.acts'), run: () => void setCreating(true) },
  ])
  const found = agents.filter(
    (agent) =>
      (status === null || agent.status === status) &&
      (workerId === null || agent.workerId === workerId) &&
      `${agent.agentId} ${agent.kind} ${agent.currentTask ?? ''}`.toLowerCase().includes(text.toLowerCase()),
  )
  const cut = cutList(found, rowsMax, (agent) => agent.status === 'error')
  const listed = cut.shown
  const selection = useSelection(useMemo(() => listed.map((agent) => agent.agentId), [listed]))
  const open = agents.find((agent) => agent.agentId === chosen)
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={area}
        className={`min-h-0 min-w-0 flex-1 flex-col ${chosen === null ? 'flex' : 'hidden lg:flex'}`}
      >
        <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
          <Filters
            agents={agents}
            status={status}
            workerId={workerId}
            text={text}
            inputRef={filter}
            onChange={set}
          />
          <Button acts look="primary" icon="plus" className="ml-auto" onClick={() => setCreating(true)}>
            {t('fleet.create')}
          </Button>
        </div>
        <Chosen selection={selection} agents={listed} />
        {found.length > 0 ? (
          <AgentTable agents={listed} cut={cut} selection={selection} open={chosen} />
        ) : (
          <Notice
            title={
              !known
                ? t('empty.unknown')
                : agents.length === 0
                  ? t('empty.agents')
                  : t('empty.agentsFiltered')
            }
            action={
              agents.length > 0 ? (
                <Button onClick={() => set({ status: null, worker: null, q: null })}>
                  {t('clearFilter')}
                </Button>
              ) : null
            }
          />
        )}
      </div>
      {chosen === null ? null : (
        <div className="flex min-h-0 w-full shrink-0 border-line lg:w-[26rem] lg:border-l 2xl:w-[32rem]">
          <AgentDetail
            key={chosen}
            agent={open}
            agentId={chosen}
            known={known}
            onClose={() => set({ agent: null })}
            acts={
              open === undefined ? null : <AgentActs agents={[open]} onDone={() => set({ agent: null })} />
            }
          />
        </div>
      )}
      {creating ? <CreateAgents onClose={() => setCreating(false)} /> : null}
    </div>
  )
}

function Filters({
  agents,
  status,
  workerId,
  text,
  inputRef,
  onChange,
}: {
  agents: readonly Agent[]
  status: string | null
  workerId: string | null
  text: string
  inputRef: Ref<HTMLInputElement>
  onChange(params: Record<string, string | null>): void
}) {
  const { t } = useTranslation()
  const workerIds = useSelector(selectWorkerIds)
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
    <>
      <Segments
        label={t('task.filterStatus')}
        segments={segments}
        value={status ?? 'all'}
        onValue={(value) => onChange({ status: value === 'all' ? null : value })}
      />
      <Select
        aria-label={t('task.filterMaster')}
        value={workerId ?? ''}
        onChange={(event) => onChange({ worker: event.target.value || null })}
        choices={[
          { value: '', label: t('task.allMasters') },
          ...workerIds.map((id) => ({ value: id, label: id })),
        ]}
      />
      <SearchInput
        inputRef={inputRef}
        label={t('agents.filter')}
        value={text}
        onValue={(value) => onChange({ q: value })}
        className="w-56 max-w-56 min-w-28 flex-1"
      />
    </>
  )
}

/** What can be done with every ticked agent. */
function Chosen({ selection, agents }: { selection: Selection; agents: readonly Agent[] }) {
  const { t } = useTranslation()
  const chosen = agents.filter((agent) => selection.has(agent.agentId))
  if (chosen.length === 0) return null
  return (
    <div
      role="toolbar"
      aria-label={t('fleet.bulk')}
      className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-chosen px-3 py-1.5"
    >
      <span className="live-value font-medium">{t('fleet.selected', { count: chosen.length })}</span>
      <AgentActs agents={chosen} onDone={selection.clear} />
      <Button look="bare" onClick={selection.clear}>
        {t('fleet.unselect')}
      </Button>
    </div>
  )
}

function AgentTable({
  agents,
  cut,
  selection,
  open,
}: {
  agents: readonly Agent[]
  cut: CutList<Agent>
  selection: Selection
  open: string | null
}) {
  const { t } = useTranslation()
  return (
    <div className="live-area min-h-0 flex-1 overflow-auto">
      <table className="w-full text-left">
        <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
          <tr className="h-8 border-b border-line">
            <th className="w-10 pl-3 font-normal">
              <Tick label={t('fleet.selectAll')} checked={selection.all} onChange={selection.toggleAll} />
            </th>
            <th className="font-normal">{t('agents.name')}</th>
            <th className="font-normal">{t('task.master')}</th>
            <th className="font-normal">{t('agents.kind')}</th>
            <th className="font-normal">{t('agents.status')}</th>
            <th className="w-[34%] font-normal">{t('agents.task')}</th>
            <th className="pr-3 text-right font-normal">{t('agents.since')}</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentRow
              key={agent.agentId}
              agent={agent}
              isOpen={agent.agentId === open}
              ticked={selection.has(agent.agentId)}
              onTick={selection.toggle}
            />
          ))}
        </tbody>
      </table>
      <CutNote {...cut} shown={agents.length} />
    </div>
  )
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange(): void }) {
  return (
    <label className="flex size-6 items-center justify-center">
      <input type="checkbox" aria-label={label} checked={checked} onChange={onChange} className="size-4" />
    </label>
  )
}

function AgentRow({
  agent,
  isOpen,
  ticked,
  onTick,
}: {
  agent: Agent
  isOpen: boolean
  ticked: boolean
  onTick(agentId: string): void
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const place = usePlace()
  const nowMs = useNow()
  const stalled = useSelector((state: WallState) =>
    Object.values(state.alerts).some(
      (alert) => alert.state === 'raised' && alert.taskId !== null && alert.taskId === agent.currentTask,
    ),
  )
  const state = agentState(agent, stalled)
  return (
    <tr
      className={`h-9 border-b border-line ${isOpen ? 'bg-chosen' : 'hover:bg-raised'}`}
      data-status={agent.status}
    >
      <td className="pl-3">
        <Tick
          label={t('fleet.select', { id: agent.agentId })}
          checked={ticked}
          onChange={() => onTick(agent.agentId)}
        />
      </td>
      <td>
        <span className="flex items-center gap-2">
          <StateMark state={state} />
          <Link
            data-row=""
            screen="agents"
            params={{ ...Object.fromEntries(place.params), agent: agent.agentId }}
            aria-current={isOpen ? 'true' : undefined}
            className="py-1 hover:underline"
          >
            {agent.agentId}
          </Link>
        </span>
      </td>
      <td>
        <Link screen="masters" params={{ worker: agent.workerId }} className="py-1 hover:underline">
          {agent.workerId}
        </Link>
      </td>
      <td className="text-quiet">{t(`agentKind.${agent.kind}`)}</td>
      <td className={stateColor[state]}>{stalled ? t('agents.stalled') : t(`agent.${agent.status}`)}</td>
      <td className="max-w-0 truncate">
        {agent.currentTask === null ? (
          <span className="text-quiet">–</span>
        ) : (
          <Link
            screen="tasks"
            params={{ task: agent.currentTask }}
            className="py-1 underline underline-offset-2"
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
