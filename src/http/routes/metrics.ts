import { z } from 'zod'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { Exposition } from '../metrics/exposition.js'
import { leaderMetrics } from '../metrics/leader-metrics.js'
import { processMetrics } from '../metrics/process-metrics.js'
import type { RequestMetrics } from '../metrics/request-metrics.js'
import { errorSchema, noQuery } from './answers.js'

/** What Prometheus scrapes, under both of its usual paths. */
export function metricsRoutes(app: App, plane: ControlPlane, requests: RequestMetrics): void {
  for (const path of ['/api/metrics', '/metrics']) {
    app.get(path, { schema: metricsSchema }, async (request, reply) => {
      const exposition = new Exposition()
      leaderMetrics(exposition, await plane.measures(callerOf(request)))
      processMetrics(exposition)
      reply.type(Exposition.contentType).header('cache-control', 'no-store')
      return reply.send((await exposition.text()) + (await requests.text()))
    })
  }
}

const metricsSchema = {
  tags: ['probes'],
  summary: 'Metrics as Prometheus reads them',
  querystring: noQuery,
  response: {
    200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
    '4xx': errorSchema,
  },
}
