import cors from '@fastify/cors'
import type { ControlPlane } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import { type App, createApp, type TlsIdentity } from './app.js'
import { requireCaller } from './caller.js'
import { createGuard, type Guard, refuseAll } from './guard.js'
import { closeApp, type HttpServer, listenOn } from './listen.js'
import { RequestMetrics } from './metrics/request-metrics.js'
import { agentRoutes } from './routes/agents.js'
import { alertRoutes } from './routes/alerts.js'
import { batchRoutes } from './routes/batches.js'
import { effectRoutes } from './routes/effects.js'
import { fleetRoutes } from './routes/fleet.js'
import { limitRoutes } from './routes/limits.js'
import { logRoutes } from './routes/logs.js'
import { metricsRoutes } from './routes/metrics.js'
import { describeApi, openapiRoute } from './routes/openapi.js'
import { probeRoutes } from './routes/probes.js'
import { receiptRoutes } from './routes/receipts.js'
import { replayRoutes } from './routes/replay.js'
import { rpcRoutes } from './routes/rpc.js'
import { scheduleRoutes } from './routes/schedules.js'
import { sessionRoutes } from './routes/session.js'
import { settingRoutes } from './routes/settings.js'
import { taskActRoutes } from './routes/task-acts.js'
import { taskEventRoutes } from './routes/task-events.js'
import { taskRoutes } from './routes/tasks.js'
import { templateRoutes } from './routes/templates.js'
import { triggerRoutes } from './routes/triggers.js'
import { wallFiles } from './routes/wall-files.js'
import { workRoutes } from './routes/work.js'
import { endSlowBodies } from './slow-bodies.js'
import { leaderDoor } from './wall-door.js'
import { WallEndpoint } from './wall-endpoint.js'

export interface HttpServerOptions {
  readonly plane: ControlPlane
  readonly log: Log
  /** Folder of the built wall; null = none. */
  readonly wallDir: string | null
  /** Names beside loopback and the address that is listened on: `leader` (its own port) or `leader:443`. */
  readonly allowedHosts: readonly string[]
  /** Web origins beside our own that may call, exact. */
  readonly corsOrigins: readonly string[]
  /** null = plain HTTP. */
  readonly tls: TlsIdentity | null
  /** Adds the Connect routes, which authenticate by themselves. */
  readonly connectPlugin?: (app: App) => Promise<void>
}

/** REST, OpenAPI, WebSocket, Connect and the wall's files on one port; the same for a leader and a relay. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { plane, log, tls } = options
  let guard: Guard = refuseAll
  const app = createApp({ tls, log, guard: () => guard })
  const walls = new WallEndpoint({ door: leaderDoor(plane), guard: () => guard, log })
  app.server.on('upgrade', walls.upgrade)
  endSlowBodies(app)

  // Loaded in this order, and awaited, when the server listens.
  app.register(cors, {
    origin: [...options.corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: ['location'],
    maxAge: 600,
  })
  const requests = new RequestMetrics()
  requests.watch(app)
  describeApi(app)
  app.register(async (scope: App) => {
    requireCaller(scope, plane)
    taskRoutes(scope, plane)
    taskActRoutes(scope, plane)
    taskEventRoutes(scope, plane)
    batchRoutes(scope, plane)
    effectRoutes(scope, plane)
    workRoutes(scope, plane)
    receiptRoutes(scope, plane)
    fleetRoutes(scope, plane)
    alertRoutes(scope, plane)
    agentRoutes(scope, plane)
    limitRoutes(scope, plane)
    settingRoutes(scope, plane)
    logRoutes(scope, plane)
    replayRoutes(scope, plane)
    rpcRoutes(scope, plane)
    metricsRoutes(scope, plane, requests)
    scheduleRoutes(scope, plane)
    templateRoutes(scope, plane)
    triggerRoutes(scope, plane)
  })
  app.register(async (scope: App) => {
    sessionRoutes(scope, plane)
    probeRoutes(scope, () => plane.ready())
    openapiRoute(scope)
    wallFiles(scope, options.wallDir)
  })
  if (options.connectPlugin !== undefined) app.register(options.connectPlugin)

  return {
    listen: (host, port) =>
      listenOn(app, {
        host,
        port,
        onPort: (taken) => {
          guard = createGuard({
            scheme: tls === null ? 'http' : 'https',
            host,
            port: taken,
            allowedHosts: options.allowedHosts,
            corsOrigins: options.corsOrigins,
          })
        },
      }),
    close: async () => {
      await Promise.all([walls.close(), closeApp(app)])
    },
  }
}
