import { z } from 'zod'
import { type AlertRule, builtInRules, type RuleKind, ruleKinds } from '../core/alerts/rules.js'
import type { Cluster } from '../core/cluster/events.js'
import { limits } from '../core/limits.js'

const on = z.boolean().optional().describe('Whether such alerts are raised; off, those that are open end')
const forMs = z.number().int().min(0).max(limits.alertRuleForMsMax).optional()
const tasks = z.number().int().min(0).max(limits.tasksUnfinishedMax).optional()
const fraction = z.number().min(0.01).max(1).optional().describe('From 0.01 to 1')

const none = z.strictObject({ on }).nullable().optional()
const measured = z
  .strictObject({ on, above: fraction, forMs: forMs.describe('For so long without a break') })
  .nullable()
  .optional()

export const setAlertRulesSchema = z.strictObject({
  rules: z
    .strictObject({
      offline: none,
      deaf: none,
      stall: none,
      backlog: z
        .strictObject({ on, above: tasks.describe('Tasks that wait for a master'), forMs })
        .nullable()
        .optional(),
      failures: z
        .strictObject({
          on,
          above: tasks.describe('Tasks that failed'),
          forMs: forMs.describe('Within so long'),
        })
        .nullable()
        .optional(),
      cpu: measured,
      memory: measured,
      disk: measured,
    })
    .describe('By kind; what is absent stays, null = as built in'),
})
export type SetAlertRules = z.input<typeof setAlertRulesSchema>

const ruleSchema = z.object({
  on: z.boolean(),
  above: z.number().nullable().describe('Tasks, or a fraction; null = nothing is measured'),
  forMs: z.number().nullable().describe('For how long, of failures within how long; null = at once'),
})
const shownSchema = ruleSchema.extend({ builtIn: ruleSchema })

export const alertRulesSchema = z.object({
  rules: z.object({
    offline: shownSchema,
    deaf: shownSchema,
    stall: shownSchema,
    backlog: shownSchema,
    failures: shownSchema,
    cpu: shownSchema,
    memory: shownSchema,
    disk: shownSchema,
  } satisfies Record<RuleKind, z.ZodType>),
})
export type AlertRules = z.infer<typeof alertRulesSchema>
export type ShownRule = z.infer<typeof shownSchema>

export function alertRulesView(cluster: Cluster | null): AlertRules {
  const shown = (kind: RuleKind): ShownRule => {
    const builtIn: AlertRule = builtInRules[kind]
    return { ...(cluster?.alertRules?.[kind] ?? builtIn), builtIn: { ...builtIn } }
  }
  const entries = ruleKinds.map((kind) => [kind, shown(kind)] as const)
  return { rules: Object.fromEntries(entries) as AlertRules['rules'] }
}

/** Whether alerts are told to a web address, and how that goes. */
export const alertDeliverySchema = z.object({
  webhook: z
    .object({
      host: z.string().describe('Of its address, nothing more'),
      signed: z.boolean(),
      state: z.enum(['idle', 'delivering', 'failing']),
      deliveredAt: z.number().nullable().describe('Since this leader started'),
      failingSince: z.number().nullable(),
      error: z.string().nullable(),
      nextTryAt: z.number().nullable(),
      waiting: z.number().describe('Changes of alerts that are held and not delivered yet'),
      givenUp: z.number().describe('Deliveries that were given up since this leader started'),
    })
    .nullable()
    .describe('null = alerts are told to no web address'),
})
export type AlertDelivery = z.infer<typeof alertDeliverySchema>
