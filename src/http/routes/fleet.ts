import type { ControlPlane } from '../../ports/control-plane.js'
import type { ToolName } from '../../tools/registry.js'
import type { App } from '../app.js'
import { actRoute, readRoute } from './tool-route.js'

/** Masters (REST's word: workers) and the leader's own figures. */
export function fleetRoutes(app: App, plane: ControlPlane): void {
  const read = (path: string, tool: Parameters<typeof readRoute>[2]['tool']): void =>
    readRoute(app, plane, { path, tool, tag: 'fleet' })
  read('/api/workers', 'list_workers')
  read('/api/workers/:workerId', 'get_worker')
  read('/api/stats', 'stats')
  read('/api/load', 'read_load')
  const act = (name: string, tool: ToolName, status: 200 | 202): void =>
    actRoute(app, plane, { path: `/api/workers/:workerId/${name}`, tool, tag: 'fleet', status })
  act('restart', 'restart_worker', 202)
  act('cordon', 'cordon_worker', 200)
  act('uncordon', 'uncordon_worker', 200)
  act('drain', 'drain_worker', 202)
}
