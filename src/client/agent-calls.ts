import type { AgentsQuery, AgentWish } from '../contract/agent.js'
import type { Receipt } from '../contract/task.js'
import type { Agent } from '../contract/worker.js'
import type { CallOptions, CallRest } from './rest.js'

type Waiting = CallOptions & {
  /** Answer when it is done, or after this time. Default for creating: limits.agentWaitMs. */
  readonly waitMs?: number | undefined
}

/** What came of a wish: the agents when all are there, else how far the masters got. */
export type CreatedAgents =
  | { readonly agents: readonly Agent[]; readonly receipts: null }
  | { readonly agents: null; readonly receipts: readonly Receipt[] }

/** Agents: the slots of masters. */
export interface AgentCalls {
  agents(query?: AgentsQuery, options?: CallOptions): Promise<readonly Agent[]>
  agent(agentId: string, options?: CallOptions): Promise<Agent>
  /** All of them are decided or none; at most limits.agentsBatchMax. */
  createAgents(wishes: readonly AgentWish[], options?: Waiting): Promise<CreatedAgents>
  /** `force`: also one that runs a task, which goes on to its end. */
  deleteAgent(agentId: string, options?: Waiting & { readonly force?: boolean | undefined }): Promise<Receipt>
}

export function agentCalls(call: CallRest): AgentCalls {
  const pathOf = (agentId: string): string => `/api/agents/${encodeURIComponent(agentId)}`
  return {
    agents: async (query, options) =>
      (await call<{ agents: Agent[] }>('GET', '/api/agents', { ...options, query })).body.agents,
    agent: async (agentId, options) => (await call<Agent>('GET', pathOf(agentId), options)).body,
    createAgents: async (agents, options = {}) => {
      const { status, body } = await call<{ agents?: Agent[]; receipts?: Receipt[] }>('POST', '/api/agents', {
        ...options,
        query: { wait: options.waitMs },
        body: { agents },
      })
      return status === 201
        ? { agents: body.agents ?? [], receipts: null }
        : { agents: null, receipts: body.receipts ?? [] }
    },
    deleteAgent: async (agentId, { force, ...options } = {}) => {
      const query = { wait: options.waitMs, force }
      return (await call<Receipt>('DELETE', pathOf(agentId), { ...options, query })).body
    },
  }
}
