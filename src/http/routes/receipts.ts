import { z } from 'zod'
import { receiptSchema } from '../../contract/task.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, idOf, noQuery, sendJson, waitQuery } from './answers.js'

export function receiptRoutes(app: App, plane: ControlPlane): void {
  app.get(
    '/api/receipts/:commandId',
    {
      schema: {
        tags: ['tasks'],
        summary: 'How far a command got',
        params: idOf('commandId'),
        querystring: waitQuery,
        response: answers({ 200: receiptSchema }),
      },
    },
    async (request, reply) => {
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      const json = await plane.receipt(waitingCallerOf(request, reply), request.params.commandId, waitMs)
      return sendJson(reply, 200, json)
    },
  )

  app.get(
    '/api/tasks/:taskId/receipts',
    {
      schema: {
        tags: ['tasks'],
        summary: `Commands on a task, the newest first, at most ${limits.taskReceiptsMax}`,
        params: idOf('taskId'),
        querystring: noQuery,
        response: answers({ 200: z.object({ receipts: z.array(receiptSchema) }) }),
      },
    },
    async (request, reply) =>
      sendJson(reply, 200, await plane.taskReceipts(callerOf(request), request.params.taskId)),
  )
}
