import { parseOrRefuse } from '../../contract/catalogue.js'
import { jsonObject, paramsSchema } from '../../contract/planned-task.js'
import { overridesSchema } from '../../contract/template.js'
import type { JsonObject } from '../../core/json.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { planRoutes, submitByPlan, submitSchema } from './plans.js'

const templateTask = jsonObject
  .nullish()
  .describe('params, and fields of a submit that take the place of the template’s')

/** Tasks with blanks. */
export function templateRoutes(app: App, plane: ControlPlane): void {
  planRoutes(app, plane, {
    kinds: 'templates',
    list: 'list_templates',
    show: 'get_template',
    create: 'create_template',
    update: 'update_template',
    remove: 'delete_template',
    acts: {},
  })
  app.post(
    '/api/templates/:ref/tasks',
    {
      schema: {
        ...submitSchema,
        tags: ['templates'],
        summary: tools.run_template.summary,
        body: templateTask,
      },
    },
    async (request, reply) => {
      const { params, ...rest } = request.body ?? {}
      const filled = {
        template: request.params.ref,
        params: parseOrRefuse(paramsSchema.default({}), params, 'body.params'),
        overrides: parseOrRefuse(overridesSchema, rest, 'body') as JsonObject,
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      }
      const command = { name: 'submit_template', ...filled } as const
      return submitByPlan(plane, { request, reply }, { command, projectId: request.query.project })
    },
  )
}
