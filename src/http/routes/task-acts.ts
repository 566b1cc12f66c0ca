import type { FastifyReply, FastifyRequest } from 'fastify'
import { receiptSchema, type TaskAction, taskActions, taskSchema } from '../../contract/task.js'
import { ControlError } from '../../core/errors.js'
import { asTaskId } from '../../core/ids.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, idOf, noBody, sendJson, waitQuery } from './answers.js'

const taskId = idOf('taskId')

/** Pause, resume, cancel and retry, each answered with its receipt. */
export function taskActRoutes(app: App, plane: ControlPlane): void {
  app.delete(
    '/api/tasks/:taskId',
    {
      schema: {
        tags: ['tasks'],
        summary: 'Cancel a task; one that is finished is answered as it is',
        params: taskId,
        querystring: waitQuery,
        body: noBody,
        response: answers({ 200: taskSchema, 202: receiptSchema }),
      },
    },
    async (request, reply) =>
      control(plane, {
        request,
        reply,
        action: 'cancel',
        taskId: request.params.taskId,
        waitMs: request.query.wait,
      }),
  )

  for (const action of taskActions) {
    app.post(
      `/api/tasks/:taskId/${action}`,
      {
        schema: {
          tags: ['tasks'],
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} a task`,
          params: taskId,
          querystring: waitQuery,
          body: noBody,
          response: answers({ 200: taskSchema, 202: receiptSchema }),
        },
      },
      async (request, reply) =>
        control(plane, { request, reply, action, taskId: request.params.taskId, waitMs: request.query.wait }),
    )
  }
}

interface Control {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly action: TaskAction
  readonly taskId: string
  readonly waitMs: number
}

async function control(plane: ControlPlane, { request, reply, action, taskId, waitMs }: Control) {
  const caller = waitMs > 0 ? waitingCallerOf(request, reply) : callerOf(request)
  const answer = await plane.execute(caller, {
    command: { name: 'control_task', taskId: asTaskId(taskId), action, timeoutMs: null },
    // The rules take the task's own project.
    projectId: 'default',
  })
  if (answer.kind === 'finished') return sendJson(reply, 200, await plane.task(caller, answer.taskId))
  if (answer.kind !== 'receipt')
    throw new ControlError('internal', 'The leader answered a command with something else.')
  const receipt = await plane.receipt(caller, answer.commandId, Math.min(waitMs, limits.waitMsMax))
  return sendJson(reply, 202, receipt)
}
