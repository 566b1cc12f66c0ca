import { z } from 'zod'

const triggerOn = z.enum(['task_finished', 'alert_raised', 'node_joined'])

const triggerSchema = z.object({
  triggerId: z.string(),
  name: z.string(),
  project: z.string(),
  on: triggerOn,
  condition: z.string(),
  task: z.record(z.string(), z.unknown()),
  paused: z.boolean(),
  firedCount: z.number().int(),
  lastFiredAtMs: z.number().nullable(),
  lastTaskId: z.string().nullable(),
  lastError: z.object({ at: z.number(), eventSeq: z.number(), message: z.string() }).nullable(),
  createdAt: z.number(),
  seq: z.number(),
  deleted: z.literal(true).optional(),
})
export type Trigger = z.infer<typeof triggerSchema>
