import { z } from 'zod'
import type { AlertKind } from '../core/alerts/alert.js'
import { limits } from '../core/limits.js'
import { idSchema } from './id.js'

/** Processes of a run, as evidence shows them. */
export const processesSchema = z.array(
  z.object({
    pid: z.number(),
    parentPid: z.number(),
    command: z.string(),
    state: z.string(),
    cpuMs: z.number(),
    memoryBytes: z.number(),
  }),
)

const alertKinds = [
  'stall',
  'offline',
  'deaf',
  'quarantined',
  'backlog',
  'failures',
  'cpu',
  'memory',
  'disk',
] as const satisfies readonly AlertKind[]

export const alertSchema = z.object({
  alertId: z.string(),
  level: z.enum(['error', 'warning']),
  kind: z.enum(alertKinds),
  message: z.string(),
  state: z.enum(['raised', 'acked', 'shelved', 'cleared']),
  priority: z
    .union([z.literal(1), z.literal(2), z.literal(3)])
    .describe('1 = act at once, 2 = soon, 3 = look when there is time'),
  handling: z
    .object({ by: z.string(), at: z.number(), reason: z.string().nullable(), until: z.number().nullable() })
    .nullable()
    .describe('Who acknowledged or shelved it, why, and when it returns (null = not by itself)'),
  returnedAt: z.number().nullable().describe('When it last came back after that'),
  taskId: z.string().nullable(),
  nodeId: z.string().nullable(),
  evidence: z
    .object({
      lines: z.array(z.string()),
      processes: processesSchema,
      cpuCores: z.number(),
      waitingFor: z.string(),
    })
    .nullable(),
  raisedAt: z.number(),
  changedAt: z.number(),
  seq: z.number(),
})
export type Alert = z.infer<typeof alertSchema>

const reasonSchema = z.string().trim().min(1).max(limits.alertReasonLengthMax)
const untilSchema = z.number().int().min(0).describe('When it returns unless its cause is gone, Unix ms')

export const ackAlertSchema = z.strictObject({
  alertId: idSchema,
  reason: reasonSchema.nullable().default(null),
  untilMs: untilSchema.nullable().default(null),
})
export const shelveAlertSchema = z.strictObject({
  alertId: idSchema,
  reason: reasonSchema.describe('Why nobody needs to look until then'),
  untilMs: untilSchema,
})
export const alertNameSchema = z.strictObject({ alertId: idSchema })
