import type { ControlPlane } from '../../ports/control-plane.js'
import type { App } from '../app.js'
import { actRoute, readRoute } from './tool-route.js'

/** The ledger of a task's side effects. */
export function effectRoutes(app: App, plane: ControlPlane): void {
  const path = '/api/tasks/:taskId/effects'
  readRoute(app, plane, { path, tool: 'list_effects', tag: 'tasks' })
  actRoute(app, plane, { path, tool: 'note_effect', tag: 'tasks', status: 200 })
}
