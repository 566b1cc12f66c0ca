import { z } from 'zod'
import { limits } from '../core/limits.js'

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
  /** A partial result, any JSON, at most limits.partialBytesMax as text. */
  partial: z.unknown().optional(),
})

export const progressAnswerSchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  /** To `check`. */
  z.strictObject({ fence: z.enum(['current', 'stale', 'unknown']) }),
  z.strictObject({ error: z.string() }),
])
export type FenceState = 'current' | 'stale' | 'unknown'
export type ProgressAnswer = z.infer<typeof progressAnswerSchema>

/** Longest report, the newline included, bytes: the partial result and room for the other fields. */
export const progressLineBytesMax = limits.partialBytesMax + 4 * 1024
