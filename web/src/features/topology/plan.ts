import { createSelector } from '@reduxjs/toolkit'
import { selectWorkers } from '../../live/selectors.js'

export interface PlannedMaster {
  readonly id: string
  readonly agents: readonly string[]
}

/** Who is on the map, by rank. The same object as long as nobody joins or leaves: a sample does not touch it. */
export const selectPlan = createSelector(
  [selectWorkers],
  (workers): readonly PlannedMaster[] =>
    workers.map((worker) => ({
      id: worker.workerId,
      agents: worker.agents.map((agent) => agent.agentId),
    })),
  {
    memoizeOptions: {
      resultEqualityCheck: (a: readonly PlannedMaster[], b: readonly PlannedMaster[]) =>
        a.length === b.length &&
        a.every((master, index) => {
          const other = b[index]
          return (
            other !== undefined &&
            master.id === other.id &&
            master.agents.length === other.agents.length &&
            master.agents.every((agentId, at) => agentId === other.agents[at])
          )
        }),
    },
  },
)
