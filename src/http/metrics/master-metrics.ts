import { type Agent, agentStatuses } from '../../contract/worker.js'
import type { Exposition } from './exposition.js'

/** What a master knows of itself without its leader. */
export function masterMetrics(to: Exposition, agents: readonly Agent[]): void {
  const count = (status: string): number => agents.filter((agent) => agent.status === status).length
  to.gauge(
    'agents_total',
    'Agents of this master, by status.',
    agentStatuses.map((status) => [{ status }, count(status)]),
  )
}
