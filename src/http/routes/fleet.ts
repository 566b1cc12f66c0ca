import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { actRoute, readRoute } from './tool-route.js'

/** Masters (REST's word: workers), their agents, alerts and the leader's own figures. */
export function fleetRoutes(app: App, plane: ControlPlane): void {
  const read = (path: string, tool: Parameters<typeof readRoute>[2]['tool']): void =>
    readRoute(app, plane, { path, tool, tag: 'fleet' })
  read('/api/workers', 'list_workers')
  read('/api/workers/:workerId', 'get_worker')
  read('/api/agents', 'list_agents')
  read('/api/alerts', 'list_alerts')
  read('/api/stats', 'stats')
  actRoute(app, plane, { path: '/api/workers/:workerId/restart', tool: 'restart_worker', tag: 'fleet' })
}
