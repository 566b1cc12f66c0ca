import type { Log } from '../ports/log.js'
import { createApp } from './app.js'
import { createGuard, type Guard, refuseAll } from './guard.js'
import { closeApp, type HttpServer, listenOn } from './listen.js'
import { noQuery, sendJson } from './routes/answers.js'
import { probeRoutes, type Readiness } from './routes/probes.js'

export interface MasterHttpOptions {
  /** This master's own agents, in REST's shape. */
  readonly agents: () => readonly unknown[]
  readonly status: () => Readiness
  readonly log: Log
}

/** A master's own small server: its agents and its probes. Loopback only, so it has no login. */
export function createMasterHttp({ agents, status, log }: MasterHttpOptions): HttpServer {
  let guard: Guard = refuseAll
  const app = createApp({ tls: null, log, guard: () => guard })
  app.get('/api/agents', { schema: { querystring: noQuery } }, async (_, reply) =>
    sendJson(reply, 200, JSON.stringify({ agents: agents() })),
  )
  probeRoutes(app, status)
  return {
    listen: (host, port) =>
      listenOn(app, {
        host,
        port,
        onPort: (taken) => {
          guard = createGuard({ scheme: 'http', host, port: taken, allowedHosts: [], corsOrigins: [] })
        },
      }),
    close: () => closeApp(app),
  }
}
