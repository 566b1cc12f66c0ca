import type { Agent } from '../../../../src/contract/worker.js'
import { agentState, type State, taskState } from '../../live/health.js'
import type { Task, Worker } from '../../live/protocol.js'

/** An agent as the strip shows it. */
export interface AgentRow {
  readonly agent: Agent
  /** The task that it works at, where it is known. */
  readonly task: Task | null
  readonly state: State
}

/** Those that do not fit, by what they do. */
export interface AgentsHidden {
  readonly busy: number
  readonly idle: number
  readonly other: number
}

const statusRank = { error: 2, busy: 3, idle: 4, offline: 5 } as const satisfies Record<
  Agent['status'],
  number
>

/** Who waits for a human first, then what is not known, failed, busy, idle; of equals the one that waits longer. */
export function agentRows(
  workers: readonly Worker[],
  tasks: Readonly<Record<string, Task>>,
  shownMax: number,
): { readonly shown: readonly AgentRow[]; readonly hidden: AgentsHidden } {
  const rows = workers
    .flatMap((worker) => worker.agents)
    .map((agent): AgentRow => {
      const task = agent.currentTask === null ? null : (tasks[agent.currentTask] ?? null)
      const own = agentState(agent, false)
      // Of a busy agent its task knows more: it may be stalled, paused or out of sight.
      return { agent, task, state: task !== null && own === 'busy' ? taskState(task) : own }
    })
    .sort((a, b) => rankOf(a) - rankOf(b) || sinceOf(a) - sinceOf(b))
  const rest = rows.slice(shownMax)
  const count = (status: Agent['status']) => rest.filter(({ agent }) => agent.status === status).length
  const [busy, idle] = [count('busy'), count('idle')]
  return { shown: rows.slice(0, shownMax), hidden: { busy, idle, other: rest.length - busy - idle } }
}

function rankOf({ agent, task, state }: AgentRow): number {
  if (state === 'waiting') return 0
  if (task !== null && state === 'nodata') return 1
  return statusRank[agent.status]
}

const sinceOf = ({ task, agent }: AgentRow): number =>
  task?.stall?.since ?? task?.startedAt ?? agent.createdAt
