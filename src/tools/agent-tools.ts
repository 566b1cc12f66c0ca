import { z } from 'zod'
import { agentListSchema, agentsQuery, receiptsSchema } from '../contract/agent.js'
import { catalogue } from '../contract/catalogue.js'
import { idSchema } from '../contract/id.js'
import { receiptSchema } from '../contract/task.js'
import { type Agent, agentSchema } from '../contract/worker.js'
import { ControlError } from '../core/errors.js'
import { nodeIdOf } from '../core/ids.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

const oneAgent = z.strictObject({ agentId: idSchema })

export const agentTools = {
  list_agents: tool({
    summary: 'Every agent that matches',
    action: 'read',
    resource: 'agent',
    schema: agentsQuery,
    result: agentListSchema,
    run: async (plane, caller, { ids, ...wanted }) => {
      const json = await plane.agents(caller)
      const filters = Object.entries(wanted) as [keyof Agent, string][]
      if (filters.length === 0 && ids === undefined) return json
      const { agents } = JSON.parse(json) as { readonly agents: readonly Agent[] }
      const matching = agents.filter(
        (agent) =>
          ids?.includes(agent.agentId) !== false && filters.every(([field, value]) => agent[field] === value),
      )
      return JSON.stringify({ agents: matching })
    },
  }),
  get_agent: tool({
    summary: 'One agent',
    action: 'read',
    resource: 'agent',
    schema: oneAgent,
    result: agentSchema,
    run: (plane, caller, { agentId }) => plane.agent(caller, agentId),
  }),
  create_agents: tool({
    ...catalogue.create_agents,
    result: receiptsSchema,
    run: async (plane, caller, { agents }, { waitMs }) => {
      const wishes = agents.map(({ kind, workerId, accountIdx }) => ({
        kind,
        nodeId: workerId === null ? null : nodeIdOf(workerId),
        accountIdx,
      }))
      const command = { name: 'create_agents', agents: wishes } as const
      return answerJson(plane, caller, await plane.execute(caller, { command, projectId: 'default' }), waitMs)
    },
  }),
  delete_agent: tool({
    ...catalogue.delete_agent,
    result: receiptSchema,
    run: async (plane, caller, { agentId, force }, { waitMs }) => {
      const command = { name: 'delete_agent', agentId, force } as const
      return answerJson(plane, caller, await plane.execute(caller, { command, projectId: 'default' }), waitMs)
    },
  }),
  screenshot: tool({
    summary: 'A picture of a browser agent',
    action: 'read',
    resource: 'agent',
    schema: oneAgent,
    result: z.never(),
    run: async (plane, caller, { agentId }) => {
      const { kind } = JSON.parse(await plane.agent(caller, agentId)) as Agent
      throw new ControlError('not_a_browser', `${agentId} is of kind ${kind}; only a browser can be pictured`)
    },
  }),
} as const
