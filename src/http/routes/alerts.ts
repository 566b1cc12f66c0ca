import type { ControlPlane } from '../../ports/control-plane.js'
import type { ToolName } from '../../tools/registry.js'
import type { App } from '../app.js'
import { actRoute, readRoute } from './tool-route.js'

/** What needs a human, and what people do about it. */
export function alertRoutes(app: App, plane: ControlPlane): void {
  const one = '/api/alerts/:alertId'
  readRoute(app, plane, { path: '/api/alerts', tool: 'list_alerts', tag: 'alerts' })
  readRoute(app, plane, { path: one, tool: 'get_alert', tag: 'alerts' })
  const act = (name: string, tool: ToolName): void =>
    actRoute(app, plane, { path: `${one}/${name}`, tool, tag: 'alerts', status: 200 })
  act('ack', 'ack_alert')
  act('shelve', 'shelve_alert')
  act('unshelve', 'unshelve_alert')
}
