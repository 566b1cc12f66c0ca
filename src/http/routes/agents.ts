import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import {
  agentListSchema,
  agentWishSchema,
  createAgentsSchema,
  deleteAgentSchema,
  receiptsSchema,
} from '../../contract/agent.js'
import { catalogue, parseOrRefuse } from '../../contract/catalogue.js'
import { idSchema } from '../../contract/id.js'
import { type Receipt, receiptSchema } from '../../contract/task.js'
import { type Agent, agentSchema } from '../../contract/worker.js'
import { limits } from '../../core/limits.js'
import type { Caller, ControlPlane } from '../../ports/control-plane.js'
import { callTool } from '../../tools/registry.js'
import { type App, validator } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, noBody, noQuery, sendJson, waitQuery } from './answers.js'
import { readRoute } from './tool-route.js'

/** An id has a slash in it: a path may hold it as one segment (`master-1%2Fp1`) or as two. */
const idPaths = [
  { path: '/api/agents/:agentId', params: z.object({ agentId: idSchema }), hide: false },
  {
    path: '/api/agents/:workerId/:name',
    params: z.object({ workerId: idSchema, name: idSchema }),
    hide: true,
  },
] as const

const idOf = (params: Readonly<Record<string, string>>): string =>
  params.agentId ?? `${params.workerId}/${params.name}`

export function agentRoutes(app: App, plane: ControlPlane): void {
  readRoute(app, plane, { path: '/api/agents', tool: 'list_agents', tag: 'fleet' })
  createRoutes(app, plane)
  for (const { path, params, hide } of idPaths) {
    const about = { tags: ['fleet'], params, hide }
    app.get(
      path,
      {
        schema: {
          ...about,
          summary: 'One agent',
          querystring: noQuery,
          response: answers({ 200: agentSchema }),
        },
      },
      async (request, reply) => {
        const agentId = idOf(request.params)
        return sendJson(reply, 200, await callTool(plane, callerOf(request), 'get_agent', { agentId }))
      },
    )
    app.get(
      `${path}/screenshot`,
      {
        schema: {
          ...about,
          summary: 'A picture of a browser agent',
          querystring: noQuery,
          response: answers({}),
        },
      },
      async (request, reply) => {
        const agentId = idOf(request.params)
        return sendJson(reply, 200, await callTool(plane, callerOf(request), 'screenshot', { agentId }))
      },
    )
    app.delete(
      path,
      {
        schema: {
          ...about,
          summary: catalogue.delete_agent.summary,
          querystring: waitQuery.extend({ force: deleteAgentSchema.shape.force }),
          body: noBody,
          response: answers({ 202: receiptSchema }),
        },
      },
      async (request, reply) => {
        const { wait, force } = request.query
        const options = { waitMs: wait, idempotencyKey: null }
        const args = { agentId: idOf(request.params), force }
        const json = await callTool(plane, waitingCallerOf(request, reply), 'delete_agent', args, options)
        return sendJson(reply, 202, json)
      },
    )
  }
}

const waitForAgents = z.strictObject({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .default(limits.agentWaitMs)
    .describe(`Answer when the agents are there, or after this many ms, at most ${limits.waitMsMax}`),
})

function createRoutes(app: App, plane: ControlPlane): void {
  for (const path of ['/api/agents', '/api/agents/create']) {
    app.post(
      path,
      {
        schema: {
          tags: ['fleet'],
          summary:
            'Create one agent or {"agents":[…]}; 202 and receipts when a master took longer than the wait',
          querystring: waitForAgents,
          body: z.union([createAgentsSchema, agentWishSchema]).nullish(),
          response: answers({
            201: z.union([agentSchema, agentListSchema]),
            202: z.union([receiptSchema, receiptsSchema]),
          }),
        },
        // Checked by hand, so that a refusal speaks of the one that was meant.
        validatorCompiler: ({ schema, httpPart }) =>
          httpPart === 'body' ? (value) => ({ value }) : validator(schema, httpPart),
      },
      async (request, reply) =>
        create(plane, waitingCallerOf(request, reply), {
          body: request.body,
          waitMs: request.query.wait,
          reply,
        }),
    )
  }
}

interface Create {
  readonly body: unknown
  readonly waitMs: number
  readonly reply: FastifyReply
}

/** 201 and the agents when all of them are there, else 202 and their receipts; one wish is answered by one. */
async function create(
  plane: ControlPlane,
  caller: Caller,
  { body, waitMs, reply }: Create,
): Promise<FastifyReply> {
  const isBatch = typeof body === 'object' && body !== null && 'agents' in body
  const agents = isBatch ? body.agents : [parseOrRefuse(agentWishSchema, body ?? {}, 'body')]
  const options = { waitMs, idempotencyKey: null }
  const json = await callTool(plane, caller, 'create_agents', { ...(isBatch ? body : {}), agents }, options)
  const { receipts } = JSON.parse(json) as { readonly receipts: readonly Receipt[] }
  if (receipts.some(({ state }) => state !== 'done'))
    return sendJson(reply, 202, JSON.stringify(isBatch ? { receipts } : receipts[0]))
  const made = await Promise.all(receipts.map(({ agentId = '' }) => plane.agent(caller, agentId)))
  const views = made.map((view) => JSON.parse(view) as Agent)
  return sendJson(reply, 201, JSON.stringify(isBatch ? { agents: views } : views[0]))
}
