import { z } from 'zod'
import { limits } from '../core/limits.js'
import { idSchema } from './id.js'
import { receiptSchema } from './task.js'
import { agentKinds, agentSchema, agentStatuses } from './worker.js'

/** One agent to create: a slot more on a master. */
export const agentWishSchema = z.strictObject({
  kind: z.enum(agentKinds).default('process').describe('Only process can be created'),
  workerId: idSchema.nullable().default(null).describe('null = the emptiest master that is online'),
  accountIdx: z.number().int().min(0).nullable().default(null),
})
export type AgentWish = z.input<typeof agentWishSchema>

export const createAgentsSchema = z.strictObject({
  agents: z.array(agentWishSchema).min(1).max(limits.agentsBatchMax),
})

export const deleteAgentSchema = z.strictObject({
  agentId: idSchema,
  force: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('Also one that runs a task, which goes on to its end'),
})

/** Several ids: a list, or text with commas where a query is text. */
const idsSchema = z
  .union([z.array(idSchema), z.string().transform((text) => text.split(','))])
  .pipe(z.array(idSchema).min(1).max(limits.agentsBatchMax))

export const agentsQuery = z.strictObject({
  ids: idsSchema
    .optional()
    .describe(`The status of these, at most ${limits.agentsBatchMax}; one that is not there is left out`),
  workerId: idSchema.optional(),
  kind: z.enum(agentKinds).optional(),
  status: z.enum(agentStatuses).optional(),
})
export type AgentsQuery = z.infer<typeof agentsQuery>

export const receiptsSchema = z.object({ receipts: z.array(receiptSchema) })
export const agentListSchema = z.object({ agents: z.array(agentSchema) })
