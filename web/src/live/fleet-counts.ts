import type { Worker } from './protocol.js'

/** How many there are, and how many of them work. */
export interface FleetCounts {
  readonly masters: number
  /** Masters that are online or drain. */
  readonly live: number
  readonly agents: number
  readonly busy: number
}

export function countFleet(workers: readonly Worker[]): FleetCounts {
  let live = 0
  let agents = 0
  let busy = 0
  for (const worker of workers) {
    if (worker.status === 'online' || worker.status === 'draining') live += 1
    agents += worker.agents.length
    busy += worker.busyAgents
  }
  return { masters: workers.length, live, agents, busy }
}
