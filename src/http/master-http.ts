import { toolCallSchema } from '../contract/tool.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import { type App, createApp } from './app.js'
import { bearerOf } from './caller.js'
import { createGuard, type Guard, refuseAll } from './guard.js'
import { closeApp, type HttpServer, listenOn } from './listen.js'
import { MasterCallers } from './master-callers.js'
import { callMasterTool, describeMasterTools, type MasterSelf } from './master-tools.js'
import { Exposition } from './metrics/exposition.js'
import { masterMetrics } from './metrics/master-metrics.js'
import { processMetrics } from './metrics/process-metrics.js'
import { RequestMetrics } from './metrics/request-metrics.js'
import { idempotencyHeader, idOf, noQuery, sendJson, waitQuery } from './routes/answers.js'
import { probeRoutes, type Readiness } from './routes/probes.js'

/** Puts a wall of this master's own on its server. */
export type AddOwnWall = (
  app: App,
  around: { readonly guard: () => Guard; readonly log: Log },
) => { close(): Promise<void> }

export interface MasterHttpOptions {
  readonly self: MasterSelf
  readonly status: () => Readiness
  readonly log: Log
  readonly nowMs: () => number
  /** Default: it serves none. */
  readonly addWall?: AddOwnWall | null
}

/**
 * A master's own server, on loopback only: its agents, its tools, its metrics, its probes, and, when it is to, a wall.
 * Users of the leader may use it.
 */
export function createMasterHttp({
  self,
  status,
  log,
  nowMs,
  addWall = null,
}: MasterHttpOptions): HttpServer {
  let guard: Guard = refuseAll
  const app = createApp({ tls: null, log, guard: () => guard })
  const requests = new RequestMetrics()
  requests.watch(app)
  app.register(async (scope: App) => {
    const callers = new MasterCallers(self.callLeader, nowMs)
    scope.addHook('onRequest', async (request) => callers.check(bearerOf(request)))
    ownRoutes(scope, self, requests)
  })
  probeRoutes(app, status)
  const walls = addWall?.(app, { guard: () => guard, log })
  return {
    listen: (host, port) =>
      listenOn(app, {
        host,
        port,
        onPort: (taken) => {
          guard = createGuard({ scheme: 'http', host, port: taken, allowedHosts: [], corsOrigins: [] })
        },
      }),
    close: async () => {
      await Promise.all([walls?.close(), closeApp(app)])
    },
  }
}

function ownRoutes(app: App, self: MasterSelf, requests: RequestMetrics): void {
  app.get('/api/agents', { schema: { querystring: noQuery } }, async (_, reply) =>
    sendJson(reply, 200, JSON.stringify({ agents: self.agents() })),
  )
  app.get('/rpc', { schema: { querystring: noQuery } }, async (_, reply) =>
    sendJson(reply, 200, JSON.stringify({ tools: describeMasterTools() })),
  )
  app.post(
    '/rpc/:tool',
    {
      schema: {
        params: idOf('tool'),
        querystring: waitQuery,
        headers: idempotencyHeader,
        body: toolCallSchema.nullish(),
      },
    },
    async (request, reply) => {
      const call = {
        token: bearerOf(request),
        tool: request.params.tool,
        waitMs: Math.min(request.query.wait, limits.waitMsMax),
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      }
      const json = await callMasterTool(self, call, request.body?.args)
      return sendJson(reply, 200, `{"result":${json}}`)
    },
  )
  for (const path of ['/metrics', '/api/metrics'])
    app.get(path, { schema: { querystring: noQuery } }, async (_, reply) => {
      const exposition = new Exposition()
      masterMetrics(exposition, self.agents())
      processMetrics(exposition)
      reply.type(Exposition.contentType).header('cache-control', 'no-store')
      return reply.send((await exposition.text()) + (await requests.text()))
    })
}
