import { createSelector } from '@reduxjs/toolkit'
import type { Worker } from '../../live/protocol.js'
import { selectWorkers } from '../../live/selectors.js'

export interface PlannedMaster {
  readonly id: string
  readonly agents: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** Who is on the map, by rank. The same object as long as nobody joins, leaves or is labelled anew. */
export const selectPlan = createSelector(
  [selectWorkers],
  (workers): readonly PlannedMaster[] =>
    workers.map((worker) => ({
      id: worker.workerId,
      agents: worker.agents.map((agent) => agent.agentId),
      labels: worker.labels,
    })),
  {
    memoizeOptions: {
      resultEqualityCheck: (a: readonly PlannedMaster[], b: readonly PlannedMaster[]) =>
        a.length === b.length && a.every((master, index) => isSame(master, b[index])),
    },
  },
)

function isSame(a: PlannedMaster, b: PlannedMaster | undefined): boolean {
  return (
    b !== undefined &&
    a.id === b.id &&
    a.agents.length === b.agents.length &&
    a.agents.every((agentId, index) => agentId === b.agents[index]) &&
    (a.labels === b.labels || areSameLabels(a.labels, b.labels))
  )
}

function areSameLabels(a: PlannedMaster['labels'], b: PlannedMaster['labels']): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** How many nodes a plan has, the leader not counted. */
export const nodesIn = (plan: readonly PlannedMaster[]): number =>
  plan.reduce((sum, master) => sum + 1 + master.agents.length, 0)

/** A master that is an edge machine says so by its label `edge`, whatever the value but `false`. */
export const isEdge = ({ labels }: Pick<PlannedMaster | Worker, 'labels'>): boolean =>
  labels.edge !== undefined && labels.edge !== 'false'

/** Every `name=value` that some master has, by name. */
export function labelsIn(plan: readonly PlannedMaster[]): readonly string[] {
  const pairs = plan.flatMap(({ labels }) =>
    Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  )
  return [...new Set(pairs)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
