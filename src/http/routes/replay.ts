import { Readable } from 'node:stream'
import { z } from 'zod'
import { replayQuery } from '../../contract/replay.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { ndjsonType } from '../slow-bodies.js'
import { errorSchema } from './answers.js'
import { readRoute } from './tool-route.js'

/** Time travel: the fleet as it stood at an instant, and what happened from there on. */
export function replayRoutes(app: App, plane: ControlPlane): void {
  readRoute(app, plane, { path: '/api/replay/range', tool: 'replay_range', tag: 'replay' })
  readRoute(app, plane, { path: '/api/replay/events', tool: 'replay_events', tag: 'replay' })
  readRoute(app, plane, { path: '/api/replay/next-failure', tool: 'next_failure', tag: 'replay' })
  app.get(
    '/api/replay',
    {
      schema: {
        tags: ['replay'],
        summary:
          'Everything that walls show as it stood at an instant, as lines of JSON; docs/protocol.md has their kinds',
        querystring: replayQuery,
        response: {
          200: {
            description: 'Lines {head}, {entities}, {events}, {end}',
            content: { [ndjsonType]: { schema: z.unknown() } },
          },
          '4xx': errorSchema,
          '5xx': errorSchema,
        },
      },
    },
    async (request, reply) => {
      // Refuses an instant that is not kept before the stream starts.
      const lines = await plane.replay(callerOf(request), request.query.at)
      reply.type(ndjsonType).header('cache-control', 'no-store')
      return reply.send(Readable.from(lines))
    },
  )
}
