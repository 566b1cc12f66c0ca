import { z } from 'zod'
import { limits } from '../core/limits.js'

const position = {
  taskId: z.string(),
  attempt: z.number(),
  fence: z.number(),
  n: z.number().describe("The task's line counter, from 1"),
  at: z.number(),
  nodeId: z.string(),
  stream: z.enum(['out', 'err']),
}
export const lineSchema = z.union([
  z.object({ ...position, level: z.enum(['debug', 'info', 'warning', 'error']), text: z.string() }),
  z.object({ ...position, gap: z.object({ from: z.number(), to: z.number(), reason: z.string() }) }),
])
export type Line = z.infer<typeof lineSchema>
export type LineLevel = 'debug' | 'info' | 'warning' | 'error'

export const linePageSchema = z.object({ lines: z.array(lineSchema), next: z.number() })
export type LinePage = z.infer<typeof linePageSchema>
export const foundLinesSchema = linePageSchema.extend({
  nextCursor: z.string().nullable().describe('cursor of the page with older lines; null: none is left'),
})
export type FoundLines = z.infer<typeof foundLinesSchema>

const levels = z.enum(['debug', 'info', 'warning', 'error'])
const limit = z.coerce.number().int().min(1).max(limits.linesPageMax).default(limits.linesPageMax)
export const taskLogsQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit })
export const logsQuery = z.strictObject({
  nodeId: z.string().optional(),
  level: levels.optional().describe('this level only'),
  levelFrom: levels.optional().describe('this level and all above it'),
  taskId: z.string().optional(),
  text: z.string().max(200).optional(),
  since: z.coerce.number().int().optional().describe('at ≥ since'),
  until: z.coerce.number().int().optional().describe('at < until'),
  cursor: z.coerce.number().int().min(0).optional().describe("an earlier page's nextCursor"),
  limit,
})
