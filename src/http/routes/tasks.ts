import { z } from 'zod'
import { catalogue, toTaskSpec } from '../../contract/catalogue.js'
import { listTasksQuery, taskPageSchema, taskSchema } from '../../contract/task.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { type App, validator } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, idOf, noQuery, sendJson } from './answers.js'

const taskId = idOf('taskId')
const submitHeaders = z.object({
  'idempotency-key': z.string().min(1).max(limits.idempotencyKeyLengthMax).optional(),
})
export function taskRoutes(app: App, plane: ControlPlane): void {
  app.post(
    '/api/tasks',
    {
      schema: {
        tags: ['tasks'],
        summary: `${catalogue.submit_task.summary}; the same Idempotency-Key and body again is the same task`,
        headers: submitHeaders,
        querystring: noQuery,
        body: catalogue.submit_task.schema,
        response: answers({ 200: taskSchema, 201: taskSchema }),
      },
      // toTaskSpec checks the body, as it does for every transport; once is enough.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body' ? (value) => ({ value }) : validator(schema, httpPart),
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const key = request.headers['idempotency-key'] ?? null
      const { spec, projectId } = toTaskSpec(request.body, key)
      const answer = await plane.execute(caller, { command: { name: 'submit_task', spec }, projectId })
      if (answer.kind !== 'task')
        throw new ControlError('internal', 'The leader answered a submit with something else.')
      const json = await plane.task(caller, answer.taskId)
      if (answer.created) reply.header('location', `/api/tasks/${answer.taskId}`)
      return sendJson(reply, answer.created ? 201 : 200, json)
    },
  )

  app.get(
    '/api/tasks',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Tasks, newest first',
        querystring: listTasksQuery,
        response: answers({ 200: taskPageSchema }),
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query
      return sendJson(
        reply,
        200,
        await plane.tasks(callerOf(request), filter, { limit, cursor: cursor ?? null }),
      )
    },
  )

  app.get(
    '/api/tasks/:taskId',
    {
      schema: {
        tags: ['tasks'],
        summary: 'One task',
        params: taskId,
        querystring: noQuery,
        response: answers({ 200: taskSchema }),
      },
    },
    async (request, reply) =>
      sendJson(reply, 200, await plane.task(callerOf(request), request.params.taskId)),
  )
}
