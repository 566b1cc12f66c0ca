import { z } from 'zod'
import { type ErrorCode, isErrorCode } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { effectNoteFields, effectSchema } from './effect.js'

/**
 * What a running task tells its master: `agentflow progress` connects to the Unix socket named by AGENTFLOW_SOCKET,
 * writes one report (`progressReportSchema`) as JSON and a newline, and reads one `ProgressAnswer` line back. More reports may follow
 * on the same connection; each gets its answer in order. A line over `progressLineBytesMax` closes the connection.
 */
export const progressReportSchema = z.strictObject({
  /** AGENTFLOW_FENCE of the task: a report of an earlier run is refused. */
  fence: z.number().int().min(1),
  /** 0 to 1. */
  progress: z.number().min(0).max(1).optional(),
  text: z.string().max(limits.nameLengthMax).optional(),
  /** Nothing is told: asks whether the run is still the current one. */
  check: z.literal(true).optional(),
  /** The run's word on one of its side effects, answered after the leader's commit; see noteEffectSchema. */
  effect: z.strictObject(effectNoteFields).optional(),
  /** A partial result, any JSON, at most limits.partialBytesMax as text. */
  partial: z.unknown().optional(),
})

export const progressAnswerSchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  /** To `check`. */
  z.strictObject({ fence: z.enum(['current', 'stale', 'unknown']) }),
  /** To `effect`: the newest word on it. */
  z.strictObject({ effect: effectSchema }),
  z.strictObject({
    error: z.string(),
    /** Of the catalogue; absent: the report was not taken. */
    code: z.custom<ErrorCode>(isErrorCode).optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
])
export type FenceState = 'current' | 'stale' | 'unknown'
/** The leader's word on a fence. */
export const fenceAnswerSchema = z.object({ fence: z.enum(['current', 'stale']) })
export type ProgressAnswer = z.infer<typeof progressAnswerSchema>

/** Longest report, the newline included, bytes: the partial result and room for the other fields. */
export const progressLineBytesMax = limits.partialBytesMax + 4 * 1024
