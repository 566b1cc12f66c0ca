import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool, type ToolName, tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, noQuery, sendJson } from './answers.js'
import { readRoute } from './tool-route.js'

/** Settings of the cluster that can be changed while it runs. */
export function settingRoutes(app: App, plane: ControlPlane): void {
  const read = (name: string, tool: ToolName): void =>
    readRoute(app, plane, { path: `/api/settings/${name}`, tool, tag: 'settings' })
  read('placement', 'get_placement')
  read('retention', 'get_retention')
  read('alert-rules', 'get_alert_rules')
  read('alert-delivery', 'get_alert_delivery')
  readRoute(app, plane, { path: '/api/config-history', tool: 'config_history', tag: 'settings' })
  chooseRoute(app, plane, 'placement', 'choose_placement')
  chooseRoute(app, plane, 'retention', 'set_retention')
  chooseRoute(app, plane, 'alert-rules', 'set_alert_rules')
}

/** A setting as a whole; answers what it is from now on. */
function chooseRoute(
  app: App,
  plane: ControlPlane,
  name: string,
  tool: 'choose_placement' | 'set_retention' | 'set_alert_rules',
): void {
  const { summary, schema, result } = tools[tool]
  app.put(
    `/api/settings/${name}`,
    {
      schema: {
        tags: ['settings'],
        summary,
        querystring: noQuery,
        body: schema,
        response: answers({ 200: result }),
      },
    },
    async (request, reply) =>
      sendJson(reply, 200, await callTool(plane, callerOf(request), tool, request.body)),
  )
}
