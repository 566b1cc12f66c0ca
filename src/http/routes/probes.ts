import { z } from 'zod'
import { readySchema } from '../../contract/session.js'
import type { App } from '../app.js'
import { noQuery, sendJson } from './answers.js'

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** For supervisors and load balancers: is the process alive, may it get traffic. */
export function probeRoutes(app: App, readiness: () => Readiness): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['probes'],
        summary: 'The process answers',
        security: [],
        querystring: noQuery,
        response: { 200: z.object({ ok: z.literal(true) }) },
      },
    },
    async (_, reply) => sendJson(reply, 200, '{"ok":true}'),
  )
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['probes'],
        summary: 'It may get traffic; 503 and the reasons when not',
        security: [],
        querystring: noQuery,
        response: { 200: readySchema, 503: readySchema },
      },
    },
    async (_, reply) => {
      const { ready, reasons } = readiness()
      return sendJson(reply, ready ? 200 : 503, JSON.stringify({ ready, reasons }))
    },
  )
}
