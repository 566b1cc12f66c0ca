import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { actRoute, readRoute, removeRoute } from './tool-route.js'

/** Limits on runs: concurrency, rates, and capacities that can be paused. */
export function limitRoutes(app: App, plane: ControlPlane): void {
  const one = '/api/limits/:limitId'
  readRoute(app, plane, { path: '/api/limits', tool: 'list_limits', tag: 'limits' })
  readRoute(app, plane, { path: one, tool: 'get_limit', tag: 'limits' })
  actRoute(app, plane, { path: '/api/limits', tool: 'set_limit', tag: 'limits', status: 200 })
  actRoute(app, plane, { path: `${one}/pause`, tool: 'pause_limit', tag: 'limits', status: 200 })
  actRoute(app, plane, { path: `${one}/resume`, tool: 'resume_limit', tag: 'limits', status: 200 })
  removeRoute(app, plane, { path: one, tool: 'delete_limit', tag: 'limits' })
}
