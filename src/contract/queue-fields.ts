import { z } from 'zod'
import { limits } from '../core/limits.js'

/** At most 30 days. */
export const durationMs = z
  .number()
  .int()
  .min(0)
  .max(30 * 24 * 3600_000)

export const dependsModes = ['succeeded', 'done', 'any'] as const

const word = z.string().min(1).max(limits.tagLengthMax)

/** When a task may run. */
export const queueFields = {
  runAt: z.number().int().min(0).optional().describe('Not before this Unix ms'),
  delayMs: z
    .number()
    .int()
    .min(0)
    .max(limits.delayMsMax)
    .optional()
    .describe('Not before this long after the submit'),
  dependsOn: z
    .array(z.string().min(1).max(limits.linkNameLengthMax))
    .max(limits.dependenciesMax)
    .optional()
    .describe('Ids of tasks that it waits for'),
  dependsMode: z
    .enum(dependsModes)
    .default('succeeded')
    .describe('All of them must succeed, all must be over (done), or one must succeed (any)'),
  tags: z.array(word).max(limits.tagsMax).optional(),
  concurrencyKey: word.optional().describe('Tasks of one key share a limit'),
  capacity: word.optional().describe('Name of the capacity that a run takes one of'),
  queueTimeoutMs: durationMs.default(0).describe('Longest wait in the queue, 0 = none'),
  totalTimeoutMs: durationMs.default(0).describe('From the submit to the end, 0 = none'),
}

/** What a master must have for a task; part of `requirements`. */
export const needFields = {
  labels: z
    .record(word, z.string().max(limits.linkNameLengthMax))
    .refine((labels) => Object.keys(labels).length <= limits.labelsMax, `at most ${limits.labelsMax} labels`)
    .optional()
    .describe('Labels that the master must have'),
  capabilities: z
    .array(word)
    .max(limits.capabilitiesNeededMax)
    .optional()
    .describe('Project types that the master must know beside the task’s own'),
  gpus: z.number().int().min(0).max(1_000).optional(),
  slots: z
    .number()
    .int()
    .min(1)
    .max(limits.slotsMax)
    .optional()
    .describe('Slots that a run takes, default 1'),
  memoryBytes: z.number().int().min(0).optional().describe('Memory that a run takes of the master’s'),
}
