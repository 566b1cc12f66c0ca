import { z } from 'zod'
import { limits } from '../core/limits.js'
import { idSchema } from './id.js'

/** Load of a master, or of all together, over a time. */
export const loadQuery = z.strictObject({
  workerId: idSchema.optional().describe('One master; absent: all together'),
  from: z.coerce.number().int().min(0).describe('Unix ms; samples are kept for a day'),
  to: z.coerce.number().int().min(0).describe('Unix ms, exclusive'),
  points: z.coerce.number().int().min(1).max(limits.loadPointsMax).default(120),
})

export const loadSchema = z.object({
  stepMs: z.number(),
  points: z
    .array(
      z.object({
        at: z.number().describe('Begin of the step'),
        workers: z.number().describe('Masters that have a sample in it'),
        cpu: z.number(),
        cpuMax: z.number().describe('The highest single sample'),
        memory: z.number(),
        memoryMax: z.number(),
        disk: z.number(),
        diskMax: z.number(),
        networkRxBytesPerS: z.number(),
        networkTxBytesPerS: z.number(),
      }),
    )
    .describe('Oldest first; a step without samples is left out'),
})
export type Load = z.infer<typeof loadSchema>
export type LoadPoint = Load['points'][number]
