import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { idSchema } from '../contract/id.js'
import { deletedLimitSchema, limitSchema } from '../contract/limit.js'
import type { LimitAction } from '../core/input.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

async function change(
  plane: ControlPlane,
  caller: Caller,
  limitId: string,
  action: LimitAction,
): Promise<JsonBytes> {
  const command = { name: 'change_limit', limitId, action } as const
  const answer = await plane.execute(caller, { command, projectId: 'default' })
  if (action === 'delete') return JSON.stringify({ limitId, deleted: true })
  return answerJson(plane, caller, answer, 0)
}

export const limitTools = {
  set_limit: tool({
    ...catalogue.set_limit,
    result: limitSchema,
    run: async (plane, caller, { scope, value, runsMax, rate }) => {
      const command = { name: 'set_limit', scope, value, runsMax, rate } as const
      const answer = await plane.execute(caller, { command, projectId: 'default' })
      return answerJson(plane, caller, answer, 0)
    },
  }),
  pause_limit: tool({
    ...catalogue.pause_limit,
    result: limitSchema,
    run: (plane, caller, { limitId }) => change(plane, caller, limitId, 'pause'),
  }),
  resume_limit: tool({
    ...catalogue.resume_limit,
    result: limitSchema,
    run: (plane, caller, { limitId }) => change(plane, caller, limitId, 'resume'),
  }),
  delete_limit: tool({
    ...catalogue.delete_limit,
    result: deletedLimitSchema,
    run: (plane, caller, { limitId }) => change(plane, caller, limitId, 'delete'),
  }),
  list_limits: tool({
    summary: 'Every limit on runs',
    action: 'read',
    resource: 'limit',
    schema: z.strictObject({}),
    result: z.object({ limits: z.array(limitSchema) }),
    run: (plane, caller) => plane.limits(caller),
  }),
  get_limit: tool({
    summary: 'One limit on runs',
    action: 'read',
    resource: 'limit',
    schema: z.strictObject({ limitId: idSchema }),
    result: limitSchema,
    run: (plane, caller, { limitId }) => plane.limit(caller, limitId),
  }),
} as const
