import type { Worker } from '../contract/worker.js'
import type { State } from '../core/state.js'
import type { Samples } from './samples.js'

export type Counts = { total: number } & Record<string, number>

/** Masters and agents by status, with every master's picture. */
export function countFleet(state: State, samples: Samples) {
  const workers: Counts = { total: 0, online: 0, deaf: 0, unknown: 0, offline: 0, draining: 0 }
  const agents: Counts = { total: 0, idle: 0, busy: 0, error: 0, offline: 0 }
  const views: Worker[] = []
  for (const node of state.tables.node.values()) {
    const view = samples.worker(state, node)
    views.push(view)
    count(workers, view.status)
    for (const agent of view.agents) count(agents, agent.status)
  }
  return { workers, agents, views }
}

/** Tasks by status, the retired ones too. */
export function countTasks(state: State) {
  const retired = state.cluster?.retired ?? { completed: 0, failed: 0, cancelled: 0 }
  const { counts } = state.index
  return {
    pending: counts.pending,
    running: counts.running,
    completed: counts.completed + retired.completed,
    failed: counts.failed + retired.failed,
    cancelled: counts.cancelled + retired.cancelled,
  }
}

function count(counts: Counts, status: string): void {
  counts.total += 1
  counts[status] = (counts[status] ?? 0) + 1
}
