import { useEffect, useMemo } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import { everyLine } from '../../live/protocol.js'
import { selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { textRuns } from '../../ui/ansi.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { useObservable } from '../../ui/observable.js'
import { Notice } from '../../ui/panel.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { type AgentRow, type AgentsHidden, agentRows } from './agent-rows.js'

/** Two rows of four. */
const shownMax = 8
const listKey = 'agent-strip'

/** What the agents do now, each with its last line: who waits or is stalled first. The rest is counted. */
export function AgentStrip() {
  const { t } = useTranslation()
  const workers = useSelector(selectWorkers)
  const tasks = useRunningTasks()
  const known = useSelector((state: WallState) => state.nodesKnown)
  const { shown, hidden } = useMemo(() => agentRows(workers, tasks, shownMax), [workers, tasks])
  return (
    <section aria-label={t('strip.name')} data-testid="wall-agents" className="flex min-h-0 flex-col">
      <h2 className="flex h-8 shrink-0 items-center gap-4 px-3 text-sm font-semibold">
        {t('strip.name')}
        <Hidden hidden={hidden} />
      </h2>
      {shown.length === 0 ? (
        <Notice title={known ? t('empty.agents') : t('empty.unknown')} />
      ) : (
        <ul className="live-area grid min-h-0 flex-1 grid-cols-4 grid-rows-2">
          {shown.map((row) => (
            <Cell key={row.agent.agentId} row={row} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** Tasks that run, those that need a person first: enough to rank the agents of the strip. */
function useRunningTasks(): WallState['tasks'] {
  useEffect(() => {
    live.watchTasks(listKey, { ...anyTask, statuses: ['running'], order: 'attention', limit: shownMax * 4 })
    return () => live.unwatchTasks(listKey)
  }, [])
  return useSelector((state: WallState) => state.tasks)
}

function Hidden({ hidden: { busy, idle, other } }: { hidden: AgentsHidden }) {
  const { t } = useTranslation()
  const count = busy + idle + other
  if (count === 0) return null
  return <span className="live-value font-normal text-quiet">{t('strip.hidden', { count, busy, idle })}</span>
}

function Cell({ row: { agent, task, state } }: { row: AgentRow }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const sinceMs = task?.stall?.since ?? task?.startedAt ?? null
  const doing =
    task === null
      ? t(`agent.${agent.status}`)
      : task.stall === null
        ? t(`phase.${task.phase}`)
        : t(`stall.${task.stall.kind}`)
  return (
    <li
      data-testid={`strip-${agent.agentId}`}
      data-state={state}
      className="flex min-w-0 flex-col justify-center border-t border-r border-line px-3"
    >
      <p className="flex items-center gap-2 text-lg">
        <StateMark state={state} />
        <span className="min-w-0 truncate font-medium">{task?.name ?? agent.agentId}</span>
        <span className={`ml-auto shrink-0 text-md ${stateColor[state]}`}>{doing}</span>
        {sinceMs === null ? null : (
          <span className="live-value shrink-0 text-md text-quiet">{duration(nowMs - sinceMs)}</span>
        )}
      </p>
      <p className="flex min-w-0 items-center gap-3 text-md whitespace-nowrap text-quiet">
        {task === null ? null : <span className="shrink-0">{agent.agentId}</span>}
        {agent.currentTask === null ? null : <LastLine taskId={agent.currentTask} />}
      </p>
    </li>
  )
}

function LastLine({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const key = `strip:${taskId}`
  useEffect(() => {
    live.watchLines(key, { ...everyLine, taskId })
    return () => live.unwatchLines(key)
  }, [key, taskId])
  const { lines, known } = useObservable(live.lines.of(key))
  const last = lines.findLast((line) => 'text' in line && line.text.trim() !== '')
  if (last === undefined || !('text' in last)) {
    return <span className="truncate">{known ? t('empty.output') : ''}</span>
  }
  return (
    <span className="min-w-0 truncate font-mono text-sm text-ink">
      {textRuns(last.text).map((run, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never move.
        <span key={index} className={run.className}>
          {run.text}
        </span>
      ))}
    </span>
  )
}
