import { limits } from '../../core/limits.js'
import type { App } from '../app.js'
import type { AddOwnWall } from '../master-http.js'
import { wallFiles } from '../routes/wall-files.js'
import { endSlowBodies } from '../slow-bodies.js'
import { WallEndpoint } from '../wall-endpoint.js'
import { leaderRoutes } from './leader-routes.js'
import { Relay, type RelayOptions } from './relay.js'

/** A master's own wall: its files, its socket, and the leader's API. `wallDir` null: says how to build it. */
export function createOwnWall(options: RelayOptions & { readonly wallDir: string | null }): {
  readonly tell: Relay['tell']
  readonly add: AddOwnWall
} {
  const relay = new Relay(options)
  const add: AddOwnWall = (app, { guard, log }) => {
    const walls = new WallEndpoint({ door: relay, guard, log, wallsMax: limits.relayWallsMax })
    app.server.on('upgrade', walls.upgrade)
    endSlowBodies(app)
    leaderRoutes(app, relay)
    app.register(async (scope: App) => wallFiles(scope, options.wallDir))
    return walls
  }
  return { tell: relay.tell, add }
}
