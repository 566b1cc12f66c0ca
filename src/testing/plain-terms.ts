import type { RunTerms } from '../ports/task-host.js'

/** Nothing is limited, and the lease is the usual one. */
export const plainTerms: RunTerms = {
  agentId: 'master-1/p1',
  timeoutMs: 0,
  stallAfterMs: 0,
  leaseClass: 'steady',
  onDisconnect: 'restart',
}
