import { type ReactNode, useEffect } from 'react'
import { useSelector } from 'react-redux'
import { agentState, taskState } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Agent, Task } from '../../live/protocol.js'
import { selectListIds, selectTask } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { IconButton } from '../../ui/button.js'
import { dateTime, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Fact, Notice } from '../../ui/panel.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

/** Tasks listed of an agent's past. */
const pastMax = 30

/** One agent: what it does now, what it did before. */
export function AgentDetail({
  agent,
  agentId,
  known,
  onClose,
  acts,
}: {
  agent: Agent | undefined
  agentId: string
  known: boolean
  onClose(): void
  acts: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <section aria-label={t('fleet.agent')} className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel">
      <header className="flex shrink-0 items-start gap-2 border-b border-line px-4 pt-2 pb-3">
        <div className="min-w-0 flex-1">
          <h2 className="pt-1 text-lg font-semibold break-words">{agentId}</h2>
          {agent === undefined ? null : <Status agent={agent} />}
          {agent === undefined ? null : <div className="mt-2 flex flex-wrap gap-2">{acts}</div>}
        </div>
        <IconButton icon="close" label={t('close')} onClick={onClose} />
      </header>
      {agent === undefined ? (
        <Notice title={known ? t('fleet.agentNotFound', { id: agentId }) : t('empty.unknown')} />
      ) : (
        <div className="live-area flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto p-4">
          <Facts agent={agent} />
          <Now agent={agent} />
          <Past agentId={agentId} currentTask={agent.currentTask} />
        </div>
      )}
    </section>
  )
}

function Status({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const state = agentState(agent, false)
  return (
    <p className="flex items-center gap-2">
      <StateMark state={state} />
      <span className={stateColor[state]}>{t(`agent.${agent.status}`)}</span>
    </p>
  )
}

function Facts({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-3">
      <Fact name={t('task.master')}>
        <Link
          screen="masters"
          params={{ worker: agent.workerId }}
          className="inline-block min-h-6 underline underline-offset-2"
        >
          {agent.workerId}
        </Link>
      </Fact>
      <Fact name={t('agents.kind')}>{t(`agentKind.${agent.kind}`)}</Fact>
      <Fact name={t('fleet.agentCreated')}>{dateTime(agent.createdAt)}</Fact>
      {agent.accountIdx === null ? null : <Fact name={t('fleet.account')}>{agent.accountIdx}</Fact>}
    </dl>
  )
}

function Now({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  return (
    <div>
      <h3 className="mb-1 text-xs text-quiet">{t('fleet.agentNow')}</h3>
      {agent.currentTask === null ? (
        <p className="text-quiet">{t('fleet.agentIdle')}</p>
      ) : (
        <ul>
          <TaskLine taskId={agent.currentTask} />
        </ul>
      )}
    </div>
  )
}

function Past({ agentId, currentTask }: { agentId: string; currentTask: string | null }) {
  const { t } = useTranslation()
  const key = `agent:${agentId}`
  useEffect(() => {
    live.watchTasks(key, {
      ...anyTask,
      statuses: ['completed', 'failed', 'cancelled'],
      agentId,
      limit: pastMax,
    })
    return () => live.unwatchTasks(key)
  }, [key, agentId])
  const ids = useSelector((state: WallState) => selectListIds(state, key)).filter((id) => id !== currentTask)
  const total = useSelector((state: WallState) => state.lists[key]?.total ?? 0)
  return (
    <div>
      <h3 className="mb-1 text-xs text-quiet">{t('fleet.agentPast')}</h3>
      {ids.length === 0 ? (
        <p className="text-quiet">{t('fleet.agentPastNone')}</p>
      ) : (
        <ul>
          {ids.map((taskId) => (
            <TaskLine key={taskId} taskId={taskId} />
          ))}
        </ul>
      )}
      {total > ids.length ? (
        <p className="py-1 text-quiet">{t('task.more', { shown: ids.length, total })}</p>
      ) : null}
    </div>
  )
}

function TaskLine({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const task = useSelector((state: WallState) => selectTask(state, taskId))
  const state = task === undefined ? 'nodata' : taskState(task)
  return (
    <li className="flex min-h-8 items-center gap-2 border-b border-line">
      <StateMark state={state} />
      <Link
        screen="tasks"
        params={{ task: taskId }}
        className="min-w-0 truncate hover:underline"
        title={task?.name ?? taskId}
      >
        {task?.name ?? taskId}
      </Link>
      {task === undefined ? null : (
        <span className="ml-auto flex shrink-0 gap-2 text-xs">
          <span className={stateColor[state]}>{t(`phase.${task.phase}`)}</span>
          <span className="live-value w-14 text-right text-quiet">{spent(task, span)}</span>
        </span>
      )}
    </li>
  )
}

const spent = ({ startedAt, completedAt }: Task, span: (ms: number) => string): string =>
  startedAt === null || completedAt === null ? '' : span(completedAt - startedAt)
