import { z } from 'zod'
import { type ErrorCode, errorCatalogue } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { idSchema } from './id.js'
import { batchItemSchema, taskActions, taskPhases, taskStatuses } from './task.js'
import { waitCodes } from './wait-codes.js'

const count = z.number().int()
const errorCodes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]
const refusalSchema = z.object({ code: z.enum(errorCodes), message: z.string() })

/** POST /api/batches: what stands beside `items`. Items are checked one by one. */
export const batchEnvelopeSchema = z.strictObject({
  atomic: z
    .boolean()
    .default(false)
    .describe(
      'All items or none, in one commit; else each item is taken or refused by itself, in the background',
    ),
  merge: z.boolean().default(false).describe('Items that are equal and have no idempotencyKey are one task'),
  items: z
    .array(batchItemSchema)
    .min(1)
    .max(limits.batchItemsMax)
    .describe(
      `At most ${limits.batchAtomicItemsMax} when atomic. Each is what POST /api/tasks takes, and may have its own idempotencyKey`,
    ),
})

/** The same as a command by name: an item that is malformed is its own refusal here too. */
export const submitBatchSchema = z.strictObject({
  atomic: z.boolean().default(false),
  merge: z.boolean().default(false).describe('Items that are equal and have no idempotencyKey are one task'),
  items: z
    .array(z.looseObject({}))
    .min(1)
    .max(limits.batchItemsMax)
    .describe('Each is what submit_task takes, and may have its own idempotencyKey'),
})
export const workIdSchema = z.strictObject({ workId: idSchema })

const priority = count.min(1).max(10)
const filterSchema = z
  .strictObject({
    status: z.enum(taskStatuses).optional(),
    phase: z.enum(taskPhases).optional(),
    project: z.string().min(1).max(63).optional(),
    workerId: z.string().min(1).max(100).optional().describe('Master of its current or last run'),
    tag: z.string().min(1).max(limits.tagLengthMax).optional(),
    text: z.string().min(1).max(200).optional().describe('Part of the name or the id'),
    words: z
      .string()
      .regex(/\S/, 'has no word')
      .max(200)
      .optional()
      .describe('Words, each of which is in its id, name, type, project, master, agent, phase or command'),
    loadOf: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Master where its current attempt runs or ran, else the one that it must run on'),
    priorityMin: priority.optional(),
    priorityMax: priority.optional(),
    reason: z.enum(waitCodes).optional().describe('Why it waits'),
    createdBefore: count.min(0).optional(),
    createdAfter: count.min(0).optional(),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: 'name at least one thing that the tasks have in common',
  })

/** `requeue`: a retry of those that match and are dead letters. */
export const workActions = [...taskActions, 'requeue'] as const
export type WorkAction = (typeof workActions)[number]

/** POST /api/tasks/acts. */
export const actsSchema = z.strictObject({
  action: z.enum(workActions),
  filter: filterSchema,
  dryRun: z.boolean().default(false).describe('Count what it would do, and do nothing'),
})
export type ActsRequest = z.input<typeof actsSchema>
export type TaskFilterWords = ActsRequest['filter']

const workStates = ['running', 'done', 'cancelled', 'failed'] as const

/** A batch or a bulk act and how far it is. */
export const workSchema = z.object({
  workId: z.string(),
  kind: z.enum(['batch', 'acts']),
  state: z.enum(workStates),
  project: z.string().nullable(),
  action: z.enum(workActions).nullable(),
  filter: z.record(z.string(), z.unknown()).nullable(),
  dryRun: z.boolean(),
  atomic: z.boolean(),
  total: count.describe('Items, or tasks that there were when it began'),
  seen: count.describe('Of total, how many are decided or looked at'),
  matched: count,
  done: count.describe('Tasks made, or acts begun (of a dry run: that would be)'),
  unchanged: count.describe('Known keys, or tasks that were so already'),
  refused: count,
  refusedByCode: z.record(z.string(), count),
  refusals: z
    .array(z.object({ index: count.nullable(), taskId: z.string().nullable(), error: refusalSchema }))
    .describe(`The first ${limits.workExamplesKept}`),
  detail: z.string().nullable().describe('Why it failed'),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  seq: count,
})
export type Work = z.infer<typeof workSchema>
export const workListSchema = z.object({ work: z.array(workSchema), nextCursor: z.string().nullable() })
export type WorkPage = z.infer<typeof workListSchema>

/** A batch, as its sender asks for it. */
export const batchSchema = z.object({
  batchId: z.string(),
  atomic: z.boolean(),
  state: z.enum(workStates),
  total: count,
  seen: count,
  created: count,
  existing: count.describe('Items whose idempotency key was known, or that were merged into one before'),
  failedCount: count,
  failed: z
    .array(z.object({ index: count, error: refusalSchema }))
    .describe(`The first ${limits.workExamplesKept}`),
  items: z
    .array(z.object({ index: count, taskId: z.string(), created: z.boolean() }))
    .nullable()
    .describe('Of an atomic batch'),
  detail: z.string().nullable(),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
})
export type Batch = z.infer<typeof batchSchema>
export const batchListSchema = z.object({ batches: z.array(batchSchema), nextCursor: z.string().nullable() })
export type BatchPage = z.infer<typeof batchListSchema>

export const listWorkQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  cursor: z.string().optional(),
})

/** A result line of an NDJSON batch. */
export type BatchLine =
  | { readonly index: number; readonly taskId: string; readonly created: boolean }
  | { readonly index: number; readonly error: { readonly code: ErrorCode; readonly message: string } }
