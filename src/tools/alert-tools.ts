import { z } from 'zod'
import { alertNameSchema, alertSchema } from '../contract/alert.js'
import { catalogue } from '../contract/catalogue.js'
import type { AlertAction } from '../core/input.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

interface Asked {
  readonly alertId: string
  readonly reason: string | null
  readonly untilMs: number | null
}

async function act(
  plane: ControlPlane,
  caller: Caller,
  action: AlertAction,
  asked: Asked,
): Promise<JsonBytes> {
  const command = { name: 'act_on_alert', action, ...asked } as const
  const answer = await plane.execute(caller, { command, projectId: 'default' })
  return answerJson(plane, caller, answer, 0)
}

export const alertTools = {
  ack_alert: tool({
    ...catalogue.ack_alert,
    result: alertSchema,
    run: (plane, caller, args) => act(plane, caller, 'ack', args),
  }),
  shelve_alert: tool({
    ...catalogue.shelve_alert,
    result: alertSchema,
    run: (plane, caller, args) => act(plane, caller, 'shelve', args),
  }),
  unshelve_alert: tool({
    ...catalogue.unshelve_alert,
    result: alertSchema,
    run: (plane, caller, { alertId }) =>
      act(plane, caller, 'unshelve', { alertId, reason: null, untilMs: null }),
  }),
  list_alerts: tool({
    summary: 'Alerts, the newest change first',
    action: 'read',
    resource: 'alert',
    schema: z.strictObject({}),
    result: z.object({ alerts: z.array(alertSchema) }),
    run: (plane, caller) => plane.alerts(caller),
  }),
  get_alert: tool({
    summary: 'One alert',
    action: 'read',
    resource: 'alert',
    schema: alertNameSchema,
    result: alertSchema,
    run: (plane, caller, { alertId }) => plane.alert(caller, alertId),
  }),
} as const
