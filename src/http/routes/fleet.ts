import { z } from 'zod'
import { alertSchema } from '../../contract/alert.js'
import { statsSchema } from '../../contract/session.js'
import { receiptSchema } from '../../contract/task.js'
import { agentSchema, workerSchema } from '../../contract/worker.js'
import { ControlError } from '../../core/errors.js'
import { nodeIdOf } from '../../core/ids.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, idOf, noBody, noQuery, sendJson, waitQuery } from './answers.js'

/** Masters (REST's word: workers), their agents, alerts and the leader's own figures. */
export function fleetRoutes(app: App, plane: ControlPlane): void {
  app.get(
    '/api/workers',
    { schema: schemaOf('Every master', z.object({ workers: z.array(workerSchema) })) },
    async (request, reply) => sendJson(reply, 200, await plane.workers(callerOf(request))),
  )
  app.get(
    '/api/workers/:workerId',
    { schema: { ...schemaOf('One master', workerSchema), params: idOf('workerId') } },
    async (request, reply) =>
      sendJson(reply, 200, await plane.worker(callerOf(request), request.params.workerId)),
  )
  app.post(
    '/api/workers/:workerId/restart',
    {
      schema: {
        tags: ['fleet'],
        summary: 'Restart a master; its tasks go on',
        params: idOf('workerId'),
        querystring: waitQuery,
        body: noBody,
        response: answers({ 202: receiptSchema }),
      },
    },
    async (request, reply) => {
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      const caller = waitMs > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const nodeId = nodeIdOf(request.params.workerId)
      const command = { name: 'restart_node', nodeId } as const
      const answer = await plane.execute(caller, { command, projectId: 'default' })
      if (answer.kind !== 'receipt')
        throw new ControlError('internal', 'The leader answered a command with something else.')
      return sendJson(reply, 202, await plane.receipt(caller, answer.commandId, waitMs))
    },
  )
  app.get(
    '/api/agents',
    { schema: schemaOf('Every agent', z.object({ agents: z.array(agentSchema) })) },
    async (request, reply) => sendJson(reply, 200, await plane.agents(callerOf(request))),
  )
  app.get(
    '/api/alerts',
    { schema: schemaOf('Alerts, the newest change first', z.object({ alerts: z.array(alertSchema) })) },
    async (request, reply) => sendJson(reply, 200, await plane.alerts(callerOf(request))),
  )
  app.get(
    '/api/stats',
    { schema: schemaOf('Counts, and where the journal stands', statsSchema) },
    async (request, reply) => sendJson(reply, 200, await plane.stats(callerOf(request))),
  )
}

const schemaOf = <Answer extends z.ZodType>(summary: string, answer: Answer) => ({
  tags: ['fleet'],
  summary,
  querystring: noQuery,
  response: answers({ 200: answer }),
})
