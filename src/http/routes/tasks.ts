import { catalogue, toTaskSpec } from '../../contract/catalogue.js'
import { taskSchema } from '../../contract/task.js'
import { ControlError } from '../../core/errors.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { type App, validator } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, idempotencyHeader, noQuery, sendJson } from './answers.js'
import { readRoute } from './tool-route.js'

export function taskRoutes(app: App, plane: ControlPlane): void {
  app.post(
    '/api/tasks',
    {
      schema: {
        tags: ['tasks'],
        summary: `${catalogue.submit_task.summary}; the same Idempotency-Key and body again is the same task`,
        headers: idempotencyHeader,
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

  readRoute(app, plane, { path: '/api/queue', tool: 'get_queue', tag: 'tasks' })
  readRoute(app, plane, { path: '/api/tasks', tool: 'list_tasks', tag: 'tasks' })
  readRoute(app, plane, { path: '/api/tasks/:taskId', tool: 'get_task', tag: 'tasks' })
}
