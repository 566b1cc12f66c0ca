import { z } from 'zod'
import { projectIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { ScheduleDefinition } from '../core/schedules/schedule.js'
import { planName, plannedTaskSchema, toPlannedTask } from './planned-task.js'
import { projectName } from './task.js'

/** POST /api/schedules and PUT /api/schedules/:id. */
export const scheduleBodySchema = z.strictObject({
  name: planName,
  project: projectName,
  cron: z
    .string()
    .max(limits.cronLengthMax)
    .describe('minute hour day month weekday, or six fields with seconds first'),
  timeZone: z.string().min(1).max(100).default('UTC').describe('IANA name'),
  catchUp: z
    .enum(['none', 'one', 'all'])
    .default('none')
    .describe(
      `What becomes of slots that nobody could fire: none, the newest, or each of at most ${limits.scheduleCatchUpMax}`,
    ),
  overlap: z
    .enum(['allow', 'skip'])
    .default('allow')
    .describe('skip: a slot passes while the task of the one before is not over'),
  task: plannedTaskSchema,
})
export type ScheduleBody = z.input<typeof scheduleBodySchema>

export const scheduleSchema = z.object({
  scheduleId: z.string(),
  name: z.string(),
  project: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  catchUp: z.enum(['none', 'one', 'all']),
  overlap: z.enum(['allow', 'skip']),
  task: z.record(z.string(), z.unknown()),
  paused: z.boolean(),
  /** The next slot; null while paused or when none is left. */
  nextAtMs: z.number().nullable(),
  lastSlotMs: z.number().nullable(),
  lastTaskId: z.string().nullable(),
  lastSkip: z.object({ slotMs: z.number(), reason: z.string() }).nullable(),
  createdAt: z.number(),
  seq: z.number(),
  /** Only in its last version. */
  deleted: z.literal(true).optional(),
})
export type Schedule = z.infer<typeof scheduleSchema>

/** GET /api/schedules/next: the times of an expression, without a schedule. */
export const slotsQuery = z.strictObject({
  cron: z.string().max(limits.cronLengthMax),
  timeZone: z.string().min(1).max(100).default('UTC'),
  after: z.coerce.number().int().min(0).optional().describe('Unix ms, exclusive; default now'),
  count: z.coerce.number().int().min(1).max(limits.scheduleCatchUpMax).default(5),
})
export const slotsSchema = z.object({ slots: z.array(z.number()) })

export function toScheduleDefinition(body: z.output<typeof scheduleBodySchema>): ScheduleDefinition {
  const { name, project, cron, timeZone, catchUp, overlap, task } = body
  return {
    name,
    projectId: projectIdOf(project),
    cron,
    timeZone,
    catchUp,
    overlap,
    task: toPlannedTask(task),
  }
}
