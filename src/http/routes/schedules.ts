import type { ControlPlane } from '../../ports/control-plane.js'
import { tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { noBody } from './answers.js'
import { planRoutes, submitByPlan, submitSchema } from './plans.js'
import { readRoute } from './tool-route.js'

/** Tasks that come back by the clock. */
export function scheduleRoutes(app: App, plane: ControlPlane): void {
  planRoutes(app, plane, {
    kinds: 'schedules',
    list: 'list_schedules',
    show: 'get_schedule',
    create: 'create_schedule',
    update: 'update_schedule',
    remove: 'delete_schedule',
    acts: { pause: 'pause_schedule', resume: 'resume_schedule' },
  })
  readRoute(app, plane, { path: '/api/schedules/next', tool: 'next_slots', tag: 'schedules' })
  readRoute(app, plane, {
    path: '/api/schedules/:ref/next',
    tool: 'next_slots_of_schedule',
    tag: 'schedules',
  })
  app.post(
    '/api/schedules/:ref/run',
    { schema: { ...submitSchema, tags: ['schedules'], summary: tools.run_schedule.summary, body: noBody } },
    async (request, reply) => {
      const idempotencyKey = request.headers['idempotency-key'] ?? null
      const command = { name: 'run_schedule', ref: request.params.ref, idempotencyKey } as const
      return submitByPlan(plane, { request, reply }, { command, projectId: request.query.project })
    },
  )
}
