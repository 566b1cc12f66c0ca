import { z } from 'zod'
import { everyKey } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { Limit as LimitEntity, LimitScope } from '../core/run-limits/limit.js'
import type { State } from '../core/state.js'

export const limitScopes = [
  'key',
  'project',
  'agentKind',
  'capacity',
] as const satisfies readonly LimitScope[]

const scopeSchema = z
  .enum(limitScopes)
  .describe('What runs share it by: a concurrency key, a project, the kind of agent, or a named capacity')

const rateSchema = z.strictObject({
  count: z.number().int().min(1).max(limits.rateCountMax).describe('Starts at once'),
  perMs: z.number().int().min(1).max(limits.ratePerMsMax).describe('The time in which as many come back'),
})

const runsMaxSchema = z.number().int().min(0).max(limits.tasksUnfinishedMax)

/** Kinds of agents that tasks are given to. */
const agentKinds: readonly string[] = ['process', 'function']

/** A limit that is there is replaced, its pause stays. */
export const setLimitSchema = z
  .strictObject({
    scope: scopeSchema,
    value: z
      .string()
      .min(1)
      .max(limits.limitValueLengthMax)
      .describe(
        `Name of the key, project, kind or capacity; of scope key, "${everyKey}" = each key without its own`,
      ),
    runsMax: runsMaxSchema.nullable().default(null).describe('Runs at the same time; null = no limit'),
    rate: rateSchema.nullable().default(null).describe('How fast runs may start; null = no limit'),
  })
  .refine(({ scope, value }) => value !== everyKey || scope === 'key', {
    path: ['value'],
    error: `"${everyKey}" stands for each key, of scope key only`,
  })
  .refine(({ scope, value }) => scope !== 'agentKind' || agentKinds.includes(value), {
    path: ['value'],
    error: `tasks go to agents of kind ${agentKinds.join(' and ')}`,
  })

export const limitSchema = z.object({
  limitId: z.string(),
  scope: scopeSchema,
  value: z.string(),
  runsMax: runsMaxSchema.nullable(),
  rate: rateSchema.nullable(),
  paused: z.boolean(),
  running: z.number().nullable().describe('Runs that count now; null for the limit of each key'),
  closed: z
    .enum(['concurrency', 'rate', 'capacity_paused'])
    .nullable()
    .describe('Why nothing more may start at the moment'),
})
export type Limit = z.infer<typeof limitSchema>
/** What walls hear of a limit: its rule, without what counts against it at the moment. */
export type LimitRule = Omit<Limit, 'running' | 'closed'>
export type SetLimit = z.input<typeof setLimitSchema>

export const deletedLimitSchema = z.object({ limitId: z.string(), deleted: z.literal(true) })

export function limitView(limit: LimitEntity, state: Pick<State, 'index'>): Limit {
  const { limitId, scope, value, runsMax, rate, paused } = limit
  const book = state.index.limits
  const isEach = scope === 'key' && value === everyKey
  const reason = isEach ? null : book.reasonOf(scope, value)
  return {
    limitId,
    scope,
    value,
    runsMax,
    rate: rate === null ? null : { count: rate.count, perMs: rate.perMs },
    paused,
    running: isEach ? null : book.runningOf(scope, value),
    closed: reason === 'capacity_unknown' ? null : reason,
  }
}

export const limitRule = ({ limitId, scope, value, runsMax, rate, paused }: LimitEntity): LimitRule => ({
  limitId,
  scope,
  value,
  runsMax,
  rate: rate === null ? null : { count: rate.count, perMs: rate.perMs },
  paused,
})
