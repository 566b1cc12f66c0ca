import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { readRoute } from './tool-route.js'

/** Lines of output and the history of tasks. */
export function logRoutes(app: App, plane: ControlPlane): void {
  readRoute(app, plane, { path: '/api/tasks/:taskId/logs', tool: 'read_lines', tag: 'logs' })
  readRoute(app, plane, { path: '/api/logs', tool: 'search_lines', tag: 'logs' })
  readRoute(app, plane, { path: '/api/history', tool: 'search_history', tag: 'logs' })
}
