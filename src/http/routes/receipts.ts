import { receiptSchema } from '../../contract/task.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { waitingCallerOf } from '../caller.js'
import { answers, idOf, sendJson, waitQuery } from './answers.js'

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
}
