import { z } from 'zod'
import { projectIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { TriggerDefinition } from '../core/triggers/trigger.js'
import { idSchema } from './id.js'
import { planName, plannedTaskSchema, toPlannedTask } from './planned-task.js'
import { projectName } from './task.js'

const triggerOn = z.enum(['task_finished', 'alert_raised', 'node_joined'])
const condition = z.string().describe('CEL over event and task, alert or node; empty = always').default('')

/** POST /api/triggers and PUT /api/triggers/:id. */
export const triggerBodySchema = z.strictObject({
  name: planName,
  project: projectName,
  on: triggerOn.describe('The end of a task of its project, an alert, or a master that joins'),
  condition,
  maxPerMinute: z
    .number()
    .int()
    .min(1)
    .max(limits.triggerFiresPerMinuteMax)
    .default(limits.triggerFiresPerMinuteMax)
    .describe('Tasks that it makes within a minute at most; further events fail'),
  task: plannedTaskSchema.describe(
    'A submit’s body, or {template, params, …overrides}; a dollar and {task.taskId} stand for what happened',
  ),
})
export type TriggerBody = z.input<typeof triggerBodySchema>

export const triggerSchema = z.object({
  triggerId: z.string(),
  name: z.string(),
  project: z.string(),
  on: triggerOn,
  condition: z.string(),
  maxPerMinute: z.number().int(),
  task: z.record(z.string(), z.unknown()),
  paused: z.boolean(),
  firedCount: z.number().int(),
  lastFiredAtMs: z.number().nullable(),
  lastTaskId: z.string().nullable(),
  /** Events that it made no task for although it should have, or that could not be judged. */
  failedCount: z.number().int(),
  lastError: z.object({ at: z.number(), eventSeq: z.number(), message: z.string() }).nullable(),
  createdAt: z.number(),
  seq: z.number(),
  deleted: z.literal(true).optional(),
})
export type Trigger = z.infer<typeof triggerSchema>

/** POST /api/triggers/test: tries a condition on something that is there, as it is now. Fires nothing. */
export const triggerTestSchema = z.strictObject({
  on: triggerOn,
  condition,
  id: idSchema.describe('Of a task, an alert or a master'),
})
export type TriggerTest = z.input<typeof triggerTestSchema>

export const triggerVerdictSchema = z.object({
  holds: z.boolean(),
  /** Why it cannot be told; null = it can. */
  error: z.string().nullable(),
  /** What the condition sees. */
  context: z.record(z.string(), z.unknown()),
})
export type TriggerVerdict = z.infer<typeof triggerVerdictSchema>

export function toTriggerDefinition(body: z.output<typeof triggerBodySchema>): TriggerDefinition {
  const { name, project, on, maxPerMinute, task } = body
  return {
    name,
    projectId: projectIdOf(project),
    on,
    condition: body.condition.trim(),
    ...(maxPerMinute === limits.triggerFiresPerMinuteMax ? {} : { firesPerMinuteMax: maxPerMinute }),
    task: toPlannedTask(task),
  }
}
