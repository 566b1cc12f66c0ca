import type { Agent } from '../core/nodes/node.js'

/** How a master's agents differ from the slots that it was started with. */
export interface AgentChanges {
  readonly added: readonly Pick<Agent, 'agentId' | 'accountIdx' | 'createdAtMs'>[]
  /** Ids. */
  readonly removed: readonly string[]
}

/** What a master remembers of its agents over restarts. */
export interface AgentBook {
  read(): AgentChanges
  /** On disk when it returns; throws when it cannot be written. */
  write(changes: AgentChanges): void
}
