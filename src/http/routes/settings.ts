import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool, tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, noQuery, sendJson } from './answers.js'
import { readRoute } from './tool-route.js'

/** Settings of the cluster that can be changed while it runs. */
export function settingRoutes(app: App, plane: ControlPlane): void {
  const path = '/api/settings/placement'
  readRoute(app, plane, { path, tool: 'get_placement', tag: 'settings' })
  const { summary, schema, result } = tools.choose_placement
  app.put(
    path,
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
      sendJson(reply, 200, await callTool(plane, callerOf(request), 'choose_placement', request.body)),
  )
}
