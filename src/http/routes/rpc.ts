import { toolCallSchema, toolListSchema, toolResultSchema } from '../../contract/tool.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool, describeTools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { waitingCallerOf } from '../caller.js'
import { answers, idempotencyHeader, idOf, noQuery, sendJson, waitQuery } from './answers.js'

/** Every tool by name, for programs that know tools rather than routes. */
export function rpcRoutes(app: App, plane: ControlPlane): void {
  let list: string | null = null
  app.get(
    '/rpc',
    {
      schema: {
        tags: ['tools'],
        summary: 'Every tool, with its arguments as JSON schema',
        querystring: noQuery,
        response: answers({ 200: toolListSchema }),
      },
    },
    async (_, reply) => {
      list ??= JSON.stringify({ tools: describeTools() })
      return sendJson(reply, 200, list)
    },
  )
  app.post(
    '/rpc/:tool',
    {
      schema: {
        tags: ['tools'],
        summary: 'Call a tool; the same as its route in REST',
        params: idOf('tool'),
        querystring: waitQuery,
        headers: idempotencyHeader,
        body: toolCallSchema.nullish(),
        response: answers({ 200: toolResultSchema }),
      },
    },
    async (request, reply) => {
      const json = await callTool(
        plane,
        waitingCallerOf(request, reply),
        request.params.tool,
        request.body?.args,
        {
          waitMs: Math.min(request.query.wait, limits.waitMsMax),
          idempotencyKey: request.headers['idempotency-key'] ?? null,
        },
      )
      return sendJson(reply, 200, `{"result":${json}}`)
    },
  )
}
