import { z } from 'zod'
import { alertDeliverySchema, alertRulesSchema } from '../contract/alert-rules.js'
import { catalogue } from '../contract/catalogue.js'
import { configHistoryQuery, configPageSchema } from '../contract/config-history.js'
import { placementSchema } from '../contract/placement.js'
import { retentionSchema } from '../contract/retention.js'
import { tool } from './tool.js'

/** Settings of the cluster that can be changed while it runs. */
export const settingTools = {
  choose_placement: tool({
    ...catalogue.choose_placement,
    result: placementSchema,
    run: async (plane, caller, { strategy, weights }) => {
      const command = { name: 'choose_placement', strategy, weights } as const
      await plane.execute(caller, { command, projectId: 'default' })
      return plane.placement(caller)
    },
  }),
  set_retention: tool({
    ...catalogue.set_retention,
    result: retentionSchema,
    run: async (plane, caller, wish) => {
      await plane.execute(caller, { command: { name: 'set_retention', ...wish }, projectId: 'default' })
      return plane.retention(caller)
    },
  }),
  get_retention: tool({
    summary: 'How much of the past is kept, and what is built in',
    action: 'read',
    resource: 'setting',
    schema: z.strictObject({}),
    result: retentionSchema,
    run: (plane, caller) => plane.retention(caller),
  }),
  set_alert_rules: tool({
    ...catalogue.set_alert_rules,
    result: alertRulesSchema,
    run: async (plane, caller, { rules }) => {
      await plane.execute(caller, { command: { name: 'set_alert_rules', rules }, projectId: 'default' })
      return plane.alertRules(caller)
    },
  }),
  get_alert_rules: tool({
    summary: 'When alerts are raised, and what is built in',
    action: 'read',
    resource: 'setting',
    schema: z.strictObject({}),
    result: alertRulesSchema,
    run: (plane, caller) => plane.alertRules(caller),
  }),
  get_alert_delivery: tool({
    summary: 'Whether alerts are told to a web address, and how that goes',
    action: 'read',
    resource: 'setting',
    schema: z.strictObject({}),
    result: alertDeliverySchema,
    run: (plane, caller) => plane.alertDelivery(caller),
  }),
  config_history: tool({
    summary: 'Changes of configuration, newest first: who, when, by which way, what was before',
    action: 'read',
    resource: 'setting',
    schema: configHistoryQuery,
    result: configPageSchema,
    run: (plane, caller, { kind, from, to, limit, cursor }) =>
      plane.configHistory(caller, { kind, fromMs: from, toMs: to }, { limit, cursor: cursor ?? null }),
  }),
  get_placement: tool({
    summary: 'How a master is chosen among those that can take a task',
    action: 'read',
    resource: 'setting',
    schema: z.strictObject({}),
    result: placementSchema,
    run: (plane, caller) => plane.placement(caller),
  }),
} as const
