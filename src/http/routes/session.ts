import { loginResultSchema, loginSchema } from '../../contract/session.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { bearerOf } from '../caller.js'
import { answers, noBody, noQuery, sendJson } from './answers.js'

/** Signing in: the only API routes that are reached without a principal. */
export function sessionRoutes(app: App, plane: ControlPlane): void {
  app.post(
    '/api/login',
    {
      schema: {
        tags: ['session'],
        summary: 'One-time code → session token',
        security: [],
        querystring: noQuery,
        body: loginSchema,
        response: answers({ 200: loginResultSchema }),
      },
    },
    async (request, reply) => sendJson(reply, 200, JSON.stringify(await plane.login(request.body.code))),
  )
  app.post(
    '/api/login/renew',
    {
      schema: {
        tags: ['session'],
        summary: 'A session that goes on',
        querystring: noQuery,
        body: noBody,
        response: answers({ 200: loginResultSchema }),
      },
    },
    async (request, reply) => sendJson(reply, 200, JSON.stringify(await plane.renew(bearerOf(request)))),
  )
}
