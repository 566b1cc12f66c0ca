import { z } from 'zod'
import type { ConfigChange as Change } from '../core/config/config-change.js'
import { configActs, configKinds } from '../core/config/config-event.js'
import { limits } from '../core/limits.js'

const time = z.coerce.number().int().min(0).optional()

export const configHistoryQuery = z.strictObject({
  kind: z.enum(configKinds).optional().describe('Only of this kind'),
  from: time.describe('At or after, Unix ms'),
  to: time.describe('Before, Unix ms'),
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  cursor: z.string().optional(),
})
export type ConfigHistoryQuery = z.input<typeof configHistoryQuery>

export const configChangeSchema = z.object({
  seq: z.number(),
  at: z.number(),
  kind: z.enum(configKinds),
  id: z.string(),
  name: z.string(),
  project: z.string().nullable(),
  act: z.enum(configActs),
  by: z.string(),
  via: z.string().describe('The way it came: rest, grpc, ws, cli, chat, operator, mcp, node, system'),
  fields: z.array(
    z.object({ path: z.string(), before: z.unknown(), after: z.unknown() }).describe('null = none'),
  ),
  cut: z.boolean().describe('More changed than is told, or a value was cut'),
})
export type ConfigChange = z.infer<typeof configChangeSchema>

export const configPageSchema = z.object({
  changes: z.array(configChangeSchema),
  nextCursor: z.string().nullable(),
})
export type ConfigPage = z.infer<typeof configPageSchema>

export const configChangeView = ({ atMs, projectId, fields, ...change }: Change): ConfigChange => ({
  ...change,
  at: atMs,
  project: projectId,
  fields: fields.map(({ path, before, after }) => ({ path, before, after })),
})
