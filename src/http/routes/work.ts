import { catalogue } from '../../contract/catalogue.js'
import { workSchema } from '../../contract/work.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, idempotencyHeader, idOf, noBody, noQuery, sendJson, waitQuery } from './answers.js'
import { readRoute } from './tool-route.js'

const workId = idOf('workId')

/** Acts on all tasks that match, and how far batches and such acts are. */
export function workRoutes(app: App, plane: ControlPlane): void {
  app.post(
    '/api/tasks/acts',
    {
      schema: {
        tags: ['tasks'],
        summary: catalogue.act_on_tasks.summary,
        headers: idempotencyHeader,
        querystring: waitQuery,
        body: catalogue.act_on_tasks.schema,
        response: answers({ 202: workSchema }),
      },
    },
    async (request, reply) => {
      const waitMs = request.query.wait
      const caller = waitMs > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const idempotencyKey = request.headers['idempotency-key'] ?? null
      const json = await callTool(plane, caller, 'act_on_tasks', request.body, { waitMs, idempotencyKey })
      return sendJson(reply, 202, json)
    },
  )
  readRoute(app, plane, { path: '/api/work', tool: 'list_work', tag: 'tasks' })
  app.get(
    '/api/work/:workId',
    {
      schema: {
        tags: ['tasks'],
        summary: 'How far a batch or a bulk act is',
        params: workId,
        querystring: waitQuery,
        response: answers({ 200: workSchema }),
      },
    },
    async (request, reply) => {
      const caller = request.query.wait > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      return sendJson(reply, 200, await plane.work(caller, request.params.workId, waitMs))
    },
  )
  for (const [method, url] of [
    ['DELETE', '/api/work/:workId'],
    ['POST', '/api/work/:workId/cancel'],
  ] as const) {
    app.route({
      method,
      url,
      schema: {
        tags: ['tasks'],
        summary: catalogue.cancel_work.summary,
        params: workId,
        querystring: noQuery,
        body: noBody,
        response: answers({ 200: workSchema }),
      },
      handler: async (request, reply) => {
        const { workId: id } = request.params
        return sendJson(reply, 200, await callTool(plane, callerOf(request), 'cancel_work', { workId: id }))
      },
    })
  }
}
