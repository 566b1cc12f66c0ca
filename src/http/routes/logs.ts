import { z } from 'zod'
import { linePageSchema, logsQuery, taskLogsQuery } from '../../contract/line.js'
import { historyQuery, taskSchema } from '../../contract/task.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, idOf, sendJson } from './answers.js'

/** Lines of output and the history of tasks. */
export function logRoutes(app: App, plane: ControlPlane): void {
  app.get(
    '/api/tasks/:taskId/logs',
    {
      schema: {
        tags: ['logs'],
        summary: "A task's lines with n > after, oldest first",
        params: idOf('taskId'),
        querystring: taskLogsQuery,
        response: answers({ 200: linePageSchema }),
      },
    },
    async (request, reply) => {
      const { after, limit } = request.query
      return sendJson(
        reply,
        200,
        await plane.taskLines(callerOf(request), request.params.taskId, after, limit),
      )
    },
  )

  app.get(
    '/api/logs',
    {
      schema: {
        tags: ['logs'],
        summary: 'The newest lines over all tasks that match, oldest first',
        querystring: logsQuery,
        response: answers({ 200: linePageSchema }),
      },
    },
    async (request, reply) => {
      const { limit, since, ...filter } = request.query
      return sendJson(reply, 200, await plane.lines(callerOf(request), { ...filter, sinceMs: since }, limit))
    },
  )

  app.get(
    '/api/history',
    {
      schema: {
        tags: ['logs'],
        summary: 'Tasks by the time they were made, newest first',
        querystring: historyQuery,
        response: answers({
          200: z.object({ tasks: z.array(taskSchema), nextCursor: z.string().nullable() }),
        }),
      },
    },
    async (request, reply) => {
      const { limit, cursor, from, to, ...filter } = request.query
      const page = { limit, cursor: cursor ?? null }
      return sendJson(
        reply,
        200,
        await plane.tasks(callerOf(request), { ...filter, fromMs: from, toMs: to }, page),
      )
    },
  )
}
