import { z } from 'zod'
import { limits } from '../core/limits.js'
import { builtInRetention, type Retention } from '../core/retention/retention.js'

const bound = (min: number, max: number, what: string) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .nullable()
    .optional()
    .describe(`${what}; null = as built in, absent = as it is`)

/** How much of the past is kept from now on. */
export const setRetentionSchema = z.strictObject({
  journalMs: bound(limits.journalKeptMsMin, limits.journalKeptMsMax, 'Age of events, and so of time travel'),
  journalBytes: bound(limits.journalBytesMin, limits.journalBytesMost, 'Size of the journal'),
  lines: bound(limits.linesTotalMin, limits.linesTotalMost, 'Lines of output over all tasks'),
})
export type SetRetention = z.input<typeof setRetentionSchema>

const bounds = { journalMs: z.number(), journalBytes: z.number(), lines: z.number() }
export const retentionSchema = z.object({ ...bounds, builtIn: z.object(bounds) })
export type RetentionView = z.infer<typeof retentionSchema>

export const retentionView = (retention: Retention): RetentionView => ({
  ...retention,
  builtIn: { ...builtInRetention },
})
