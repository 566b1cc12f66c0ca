import { actsSchema, listWorkQuery, toActs, workListSchema, workSchema } from '../../contract/work.js'
import { ControlError } from '../../core/errors.js'
import { asWorkId } from '../../core/ids.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, idempotencyHeader, idOf, noBody, noQuery, sendJson, waitQuery } from './answers.js'

const workId = idOf('workId')

/** Acts on all tasks that match, and how far batches and such acts are. */
export function workRoutes(app: App, plane: ControlPlane): void {
  app.post(
    '/api/tasks/acts',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Cancel, pause, resume or retry every task that matches; dryRun counts only',
        headers: idempotencyHeader,
        querystring: waitQuery,
        body: actsSchema,
        response: answers({ 200: workSchema, 202: workSchema }),
      },
    },
    async (request, reply) => {
      const caller = request.query.wait > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const acts = toActs(request.body)
      const idempotencyKey = request.headers['idempotency-key'] ?? null
      const answer = await plane.execute(caller, {
        command: { name: 'start_acts', ...acts, idempotencyKey },
        projectId: acts.filter.project ?? 'default',
      })
      if (answer.kind !== 'work')
        throw new ControlError('internal', `Acts were answered with ${answer.kind}.`)
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      reply.header('location', `/api/work/${answer.workId}`)
      return sendJson(reply, answer.created ? 202 : 200, await plane.work(caller, answer.workId, waitMs))
    },
  )
  app.get(
    '/api/work',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Batches and bulk acts, newest first',
        querystring: listWorkQuery,
        response: answers({ 200: workListSchema }),
      },
    },
    async (request, reply) => {
      const { limit, cursor = null } = request.query
      return sendJson(reply, 200, await plane.works(callerOf(request), { limit, cursor }))
    },
  )
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
        summary: 'Stop a batch or a bulk act: what it did stays, nothing more is begun',
        params: workId,
        querystring: noQuery,
        body: noBody,
        response: answers({ 200: workSchema }),
      },
      handler: async (request, reply) => {
        const caller = callerOf(request)
        const command = { name: 'cancel_work', workId: asWorkId(request.params.workId) } as const
        await plane.execute(caller, { command, projectId: 'default' })
        return sendJson(reply, 200, await plane.work(caller, request.params.workId, 0))
      },
    })
  }
}
