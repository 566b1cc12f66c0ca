import { z } from 'zod'
import { limits } from '../core/limits.js'
import { dependsModes, durationMs, needFields, queueFields } from './queue-fields.js'

const envValue = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not a variable name'), z.string())

const commandPayload = z.strictObject({
  command: z.union([z.array(z.string()).min(1), z.string().min(1)]).describe('argv, or one text for sh -c'),
  cwd: z.string().optional(),
  env: envValue.optional(),
  stdin: z.string().optional().describe('Written and closed; absent = /dev/null'),
  stdinOpen: z
    .boolean()
    .optional()
    .describe('Keep standard input open: the task may be found waiting for input'),
})
const actionsPayload = z.strictObject({
  url: z.string().optional(),
  actions: z
    .array(z.strictObject({ tool: z.string(), args: z.record(z.string(), z.unknown()).optional() }))
    .min(1),
})
const programPayload = z.union([commandPayload, actionsPayload])
const functionPayload = z.looseObject({}).describe('What the function is called with')

/** Types that run a program; a task of any other type calls the function of that name in a worker. */
export const programTypes: readonly string[] = ['command', 'test', 'automation', 'scrape']

const retryCause = z.enum(['lost', 'timeout', 'exit', 'spawn_failed'])
export const taskPhases = [
  'queued',
  'delayed',
  'blocked',
  'assigned',
  'starting',
  'running',
  'paused',
  'waiting_approval',
  'stopping',
  'unknown',
  'succeeded',
  'exit',
  'spawn_failed',
  'timeout',
  'lost',
  'dependency_failed',
  'dead_letter',
  'cancelled',
] as const
export const taskStatuses = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const

export const projectName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, . _ -, at most 63')
  .default('default')

const taskFields = z.strictObject({
  type: z.string().min(1).max(50).describe('A type of program, or the name of a function'),
  name: z.string().min(1).max(limits.nameLengthMax).optional(),
  project: projectName,
  priority: z.number().int().min(1).max(10).default(5),
  payload: z.union([commandPayload, actionsPayload, functionPayload]),
  requirements: z
    .strictObject({
      accountIdx: z.number().int().min(0).nullable().optional(),
      workerId: z.string().min(1).max(100).nullable().optional(),
      timeout: durationMs.optional().describe('Run time limit in ms, 0 = none'),
      ...needFields,
    })
    .optional(),
  stallAfterMs: durationMs.default(limits.stallAfterMsDefault).describe('0 = off'),
  retry: z
    .strictObject({
      attemptsMax: z.number().int().min(1).max(limits.attemptsMaxMax).optional(),
      on: z.array(retryCause).max(4).optional(),
      backoffMs: z.number().int().min(0).max(limits.retryBackoffMsMax).optional(),
    })
    .optional(),
  leaseClass: z.enum(['steady', 'strict']).default('steady'),
  onDisconnect: z.enum(['restart', 'wait', 'keep']).default('restart'),
  ...queueFields,
})

/** POST /api/tasks. A payload of a program type says what to run; a function takes any JSON object. */
export const submitTaskSchema = taskFields.superRefine(({ type, payload }, context) => {
  if (!programTypes.includes(type)) return
  for (const issue of programPayload.safeParse(payload).error?.issues ?? [])
    context.addIssue({ ...issue, path: ['payload', ...issue.path] })
})
/** An item of a batch: a task, with a key of its own if it has one. */
export const batchItemSchema = taskFields.extend({
  idempotencyKey: z.string().min(1).max(limits.idempotencyKeyLengthMax).optional(),
})
export type BatchItem = z.input<typeof batchItemSchema>
export type SubmitTask = z.input<typeof submitTaskSchema>

export const taskSchema = z.object({
  taskId: z.string(),
  type: z.string(),
  name: z.string(),
  project: z.string(),
  priority: z.number().int(),
  payload: z.record(z.string(), z.unknown()),
  requirements: z.object({
    accountIdx: z.number().nullable(),
    workerId: z.string().nullable(),
    timeout: z.number(),
    labels: z.record(z.string(), z.string()),
    capabilities: z.array(z.string()),
    gpus: z.number(),
    slots: z.number(),
    memoryBytes: z.number(),
  }),
  runAt: z.number().nullable(),
  delayMs: z.number().nullable(),
  dependsOn: z.array(z.string()),
  dependsMode: z.enum(dependsModes),
  tags: z.array(z.string()),
  concurrencyKey: z.string().nullable(),
  capacity: z.string().nullable(),
  queueTimeoutMs: z.number(),
  totalTimeoutMs: z.number(),
  stallAfterMs: z.number(),
  retry: z.object({ attemptsMax: z.number(), on: z.array(retryCause), backoffMs: z.number() }),
  leaseClass: z.enum(['steady', 'strict']),
  onDisconnect: z.enum(['restart', 'wait', 'keep']),
  idempotencyKey: z.string().nullable(),
  /** The plans that it comes from; null = a plain submit. */
  origin: z
    .object({
      schedule: z
        .object({ scheduleId: z.string(), name: z.string(), slotMs: z.number().nullable() })
        .optional(),
      trigger: z
        .object({ triggerId: z.string(), name: z.string(), eventSeq: z.number(), depth: z.number() })
        .optional(),
      template: z.object({ templateId: z.string(), name: z.string(), version: z.number() }).optional(),
    })
    .nullable(),
  status: z.enum(taskStatuses),
  phase: z.enum(taskPhases),
  workerId: z.string().nullable(),
  agentId: z.string().nullable(),
  attempt: z.number().int(),
  fence: z.number().int().nullable(),
  pid: z.number().int().nullable(),
  progress: z.number().nullable(),
  stall: z
    .object({
      kind: z.enum(['silent', 'repeated_line', 'waiting_input']),
      since: z.number(),
      lines: z.array(z.string()),
    })
    .nullable(),
  waitReason: z
    .object({
      code: z.string(),
      text: z.string(),
      /** The master that lacks least; null where none is asked for. */
      nearest: z.object({ workerId: z.string(), lacks: z.array(z.string()) }).nullable(),
      /** What is limited, where a limit holds it back. */
      limit: z
        .object({ scope: z.enum(['project', 'capacity', 'key', 'agentKind']), value: z.string() })
        .nullable(),
      /** When it ends by itself; null = something has to happen. */
      until: z.number().nullable(),
    })
    .nullable(),
  result: z
    .object({
      exitCode: z.number().nullable(),
      signal: z.string().nullable(),
      value: z.unknown(),
      tail: z.string(),
    })
    .nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  completedAt: z.number().nullable(),
  /** Lease of the running attempt: until when the leader counts on it; null while nothing runs. */
  leaseUntil: z.number().nullable(),
  /** Earlier runs of this task, oldest first. */
  attempts: z.array(
    z.object({
      attempt: z.number(),
      fence: z.number(),
      workerId: z.string(),
      agentId: z.string(),
      startedAt: z.number().nullable(),
      endedAt: z.number(),
      outcome: z.string(),
      exitCode: z.number().nullable(),
      signal: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
  /** How many of its side effects stand how, by the newest word on each; null = none were noted. */
  effects: z
    .object({ intent: z.number(), done: z.number(), failed: z.number(), ambiguous: z.number() })
    .nullable(),
  /** The newest partial result of a run that reported one; not there otherwise. */
  partial: z.unknown().optional(),
  /** Payload, result.value or partial were over 4 KiB and cut from this pushed copy. */
  truncated: z.boolean().optional(),
})
export type Task = z.infer<typeof taskSchema>
export type TaskStatus = Task['status']
export type TaskPhase = Task['phase']

export const receiptSchema = z.object({
  commandId: z.string(),
  taskId: z.string().nullable(),
  action: z.enum([
    'pause',
    'resume',
    'cancel',
    'retry',
    'move',
    'restart',
    'drain',
    'create_agent',
    'delete_agent',
  ]),
  /** Of create_agent and delete_agent. */
  agentId: z.string().optional(),
  state: z.enum(['sent', 'received', 'acting', 'stopped', 'killed', 'done', 'refused', 'expired']),
  steps: z.array(z.object({ state: z.string(), at: z.number(), detail: z.string() })),
})
export type Receipt = z.infer<typeof receiptSchema>

export const listTasksQuery = z.strictObject({
  status: z.enum(taskStatuses).optional(),
  phase: z.enum(taskPhases).optional(),
  workerId: z.string().optional(),
  project: z.string().optional(),
  tag: z.string().min(1).max(limits.tagLengthMax).optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
  cursor: z.string().optional(),
})
export const taskPageSchema = z.object({
  tasks: z.array(taskSchema),
  nextCursor: z.string().nullable(),
  total: z.number(),
})
export type TaskPage = z.infer<typeof taskPageSchema>

export const historyQuery = z.strictObject({
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  status: z.enum(taskStatuses).optional(),
  workerId: z.string().optional(),
  text: z.string().max(200).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageMax).default(limits.pageDefault),
})

export const taskActions = ['pause', 'resume', 'cancel', 'retry'] as const
export type TaskAction = (typeof taskActions)[number]
