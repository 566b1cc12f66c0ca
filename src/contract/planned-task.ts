import { z } from 'zod'
import type { JsonObject } from '../core/json.js'
import { limits } from '../core/limits.js'
import type { ParameterValue, PlannedTask } from '../core/templates/planned-task.js'

export const planName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, . _ -, at most 63, a letter or digit first')
export const parameterName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'letters, digits and _, at most 63, no digit first')
export const parameterValue = z.union([z.string().max(limits.parameterLengthMax), z.number(), z.boolean()])

export const paramsSchema = z.record(z.string().min(1).max(limits.nameLengthMax), parameterValue)

/** Any JSON object; what is in it is checked where it becomes a task. */
export const jsonObject = z.looseObject({})

/** Fields that a plan itself decides, or that would be stale by the time the task is submitted. */
const decidedByPlan = ['project', 'runAt', 'idempotencyKey']
/** Fields that make a template what it is. */
const ofTemplate = ['type', 'payload']

/** A submit's body, or `{template, params, …}` with fields that take the place of the template's. */
export const plannedTaskSchema = jsonObject
  .superRefine((value, context) => {
    const forbidden = 'template' in value ? [...decidedByPlan, ...ofTemplate] : decidedByPlan
    for (const key of forbidden.filter((name) => name in value))
      context.addIssue({ code: 'custom', path: [key], message: 'may not be given here' })
    if (!('template' in value)) return
    for (const [key, schema] of Object.entries({ template: planName, params: paramsSchema.optional() }))
      for (const issue of schema.safeParse(value[key]).error?.issues ?? [])
        context.addIssue({ ...issue, path: [key, ...issue.path] })
  })
  .describe('A submit’s body, or {template, params, …overrides}')

/** What `plannedTaskSchema` has checked. */
export function toPlannedTask(value: Readonly<Record<string, unknown>>): PlannedTask {
  const body = value as JsonObject
  if (!('template' in body)) return { kind: 'body', body }
  const { template, params, ...overrides } = body
  return {
    kind: 'template',
    template: String(template),
    params: (params ?? {}) as Readonly<Record<string, ParameterValue>>,
    overrides,
  }
}

/** As it was given. */
export function plannedTaskView(task: PlannedTask): JsonObject {
  if (task.kind === 'body') return task.body
  return { template: task.template, params: task.params, ...task.overrides }
}
