import { Readable } from 'node:stream'
import { z } from 'zod'
import type { LinePage } from '../../contract/line.js'
import type { Task } from '../../contract/task.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { waitingCallerOf } from '../caller.js'
import { isOver, taskEvents } from '../task-event-stream.js'
import { errorSchema, idOf, noQuery } from './answers.js'

const resumeHeaders = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}:\d{1,15}$/, 'give the id of the last event, seq:n')
    .optional(),
})

export function taskEventRoutes(app: App, plane: ControlPlane): void {
  app.get(
    '/api/tasks/:taskId/events',
    {
      schema: {
        tags: ['tasks'],
        summary: 'One task as server-sent events until it is final; Last-Event-ID resumes',
        params: idOf('taskId'),
        querystring: noQuery,
        headers: resumeHeaders,
        response: {
          200: {
            description: 'Events status, progress, output; their ids are seq:n',
            content: { 'text/event-stream': { schema: z.unknown() } },
          },
          204: z.null().describe('The reader has everything'),
          '4xx': errorSchema,
        },
      },
    },
    async (request, reply) => {
      const { taskId } = request.params
      const caller = waitingCallerOf(request, reply)
      const lastEventId = request.headers['last-event-id']
      const [seq = 0, line = 0] = lastEventId?.split(':').map(Number) ?? []
      // Refuses an unknown task before the stream starts.
      const task = JSON.parse(await plane.task(caller, taskId)) as Task
      if (lastEventId !== undefined && isOver(task)) {
        const rest = JSON.parse(await plane.taskLines(caller, taskId, line, 1)) as LinePage
        // An EventSource comes back after the end of its stream; 204 tells it to stop.
        if (rest.lines.length === 0) return reply.code(204).send(null)
      }
      reply.type('text/event-stream').header('cache-control', 'no-store')
      return reply.send(Readable.from(taskEvents({ plane, caller, task, after: { seq, line } })))
    },
  )
}
