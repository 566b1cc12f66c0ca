import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool, tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, sendJson } from './answers.js'
import { planRoutes } from './plans.js'

/** Tasks that something else starts. */
export function triggerRoutes(app: App, plane: ControlPlane): void {
  planRoutes(app, plane, {
    kinds: 'triggers',
    list: 'list_triggers',
    show: 'get_trigger',
    create: 'create_trigger',
    update: 'update_trigger',
    remove: 'delete_trigger',
    acts: { pause: 'pause_trigger', resume: 'resume_trigger' },
  })
  app.post(
    '/api/triggers/test',
    {
      schema: {
        tags: ['triggers'],
        summary: tools.test_trigger.summary,
        body: tools.test_trigger.schema,
        response: answers({ 200: tools.test_trigger.result }),
      },
    },
    async (request, reply) =>
      sendJson(reply, 200, await callTool(plane, callerOf(request), 'test_trigger', request.body)),
  )
}
