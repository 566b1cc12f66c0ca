import { z } from 'zod'
import { limits } from '../core/limits.js'
import type { Entity } from '../core/state.js'

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000).describe('An instant, Unix ms')

/** The instants that can be shown. */
export const replayRangeSchema = z.object({
  logId: z.string(),
  fromMs: z.number().nullable().describe('The earliest; null: nothing can be shown yet'),
  toMs: z.number().describe('Of the last event'),
  nowMs: z.number().describe("The leader's clock: the latest that can be asked for"),
  lastSeq: z.number(),
})
export type ReplayRange = z.infer<typeof replayRangeSchema>

export const replayQuery = z.strictObject({ at: instant })

export const replayEventsQuery = z.strictObject({
  afterSeq: seq,
  limit: z.coerce.number().int().min(1).max(limits.replayEventsPage).default(limits.replayEventsPage),
})
export const replayEventsSchema = z.object({
  events: z.array(z.unknown()).describe('Events that walls show, oldest first'),
  throughSeq: z.number().describe('Everything up to this seq was looked at'),
  lastSeq: z.number().describe('The end of the log'),
  nowMs: z.number().describe('… at this time'),
})
export type ReplayEvents = z.infer<typeof replayEventsSchema>

export const nextFailureQuery = z.strictObject({
  at: instant.describe('Looks at what came after it, Unix ms'),
})
export const nextFailureSchema = z.object({
  failure: z
    .object({
      seq: z.number(),
      atMs: z.number(),
      kind: z.enum(['task', 'alert', 'node']),
      id: z.string(),
    })
    .nullable()
    .describe(
      'A task that failed for good, an alert that is an error, or a master that is gone; null: there is none',
    ),
})
export type NextFailure = z.infer<typeof nextFailureSchema>

/** A sample of a master as it was kept. */
export interface ReplaySample {
  readonly workerId: string
  readonly at: number
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly networkRxBytesPerS: number
  readonly networkTxBytesPerS: number
}

/** Lines of `GET /api/replay?at=MS`, in this order; each kind but the first and the last may come several times. */
export type ReplayLine =
  | {
      readonly head: {
        readonly logId: string
        readonly atMs: number
        /** What follows stood after this event. */
        readonly baseSeq: number
        /** The last event at or before the instant. */
        readonly seq: number
        /** Tasks that were there; more than come when the picture is cut. */
        readonly tasks: number
        readonly range: ReplayRange
        readonly samples: readonly ReplaySample[]
      }
    }
  /** Entities as the rules know them, not as REST shows them: `evolve` goes on with them. */
  | { readonly entities: readonly Entity[] }
  /** What happened from `baseSeq` on; some of it after the instant. */
  | { readonly events: readonly unknown[]; readonly throughSeq: number }
  | { readonly end: true }
