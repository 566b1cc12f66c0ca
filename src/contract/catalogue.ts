import { z } from 'zod'
import { ControlError } from '../core/errors.js'
import { asTaskId, nodeIdOf, type ProjectId, projectIdOf, type TaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { ReceiptAction } from '../core/receipts/receipt.js'
import type { TaskSpec } from '../core/tasks/task.js'
import { createAgentsSchema, deleteAgentSchema } from './agent.js'
import { ackAlertSchema, alertNameSchema, shelveAlertSchema } from './alert.js'
import { setAlertRulesSchema } from './alert-rules.js'
import { noteEffectSchema } from './effect.js'
import { idSchema } from './id.js'
import { sentenceOf } from './issues.js'
import { setLimitSchema } from './limit.js'
import { choosePlacementSchema } from './placement.js'
import { planCatalogue } from './plan-catalogue.js'
import { setRetentionSchema } from './retention.js'
import { needsIn, termsIn } from './submit-terms.js'
import { programTypes, submitTaskSchema, taskActions } from './task.js'
import { actsSchema, submitBatchSchema, workIdSchema } from './work.js'

const controlTaskSchema = z.strictObject({
  taskId: idSchema,
  action: z.enum(taskActions),
  timeoutMs: z.number().int().min(0).max(limits.commandTimeoutMsMax).nullable().default(null),
})

const limitNameSchema = z.strictObject({ limitId: idSchema })

const workerSchema = z.strictObject({ workerId: idSchema })

/**
 * Every command that a caller may give, once: REST, gRPC, WebSocket, CLI, chat and the palette are views of it.
 * `action` and `resource` are what authorisation asks about.
 */
export const catalogue = {
  ...planCatalogue,
  submit_task: { schema: submitTaskSchema, action: 'execute', resource: 'task', summary: 'Run a task' },
  control_task: {
    schema: controlTaskSchema,
    action: 'execute',
    resource: 'task',
    summary: 'Pause, resume, cancel or retry a task',
  },
  note_effect: {
    schema: noteEffectSchema,
    action: 'execute',
    resource: 'task',
    summary: 'Note a side effect of a running task: intent before it, done or failed after it',
  },
  submit_batch: {
    schema: submitBatchSchema,
    action: 'execute',
    resource: 'task',
    summary: 'Run many tasks: all or none, or each by itself in the background',
  },
  act_on_tasks: {
    schema: actsSchema,
    action: 'execute',
    resource: 'task',
    summary: 'Pause, resume, cancel, retry or requeue every task that matches; dryRun counts only',
  },
  cancel_work: {
    schema: workIdSchema,
    action: 'execute',
    resource: 'task',
    summary: 'Stop a batch or a bulk act: what it did stays, nothing more is begun',
  },
  ack_alert: {
    schema: ackAlertSchema,
    action: 'execute',
    resource: 'alert',
    summary: 'Acknowledge an alert: somebody is on it',
  },
  shelve_alert: {
    schema: shelveAlertSchema,
    action: 'execute',
    resource: 'alert',
    summary: 'Put an alert aside for a reason, until a time; it returns then unless its cause is gone',
  },
  unshelve_alert: {
    schema: alertNameSchema,
    action: 'execute',
    resource: 'alert',
    summary: 'Take an alert back that was shelved or acknowledged: it needs a human again',
  },
  restart_worker: {
    schema: workerSchema,
    action: 'configure',
    resource: 'node',
    summary: 'Restart a master; its tasks go on',
  },
  cordon_worker: {
    schema: workerSchema,
    action: 'configure',
    resource: 'node',
    summary: 'Give a master no new work; what runs there goes on',
  },
  uncordon_worker: {
    schema: workerSchema,
    action: 'configure',
    resource: 'node',
    summary: 'Give a master work again',
  },
  drain_worker: {
    schema: workerSchema.extend({
      deadlineMs: z
        .number()
        .int()
        .min(0)
        .max(limits.drainDeadlineMsMax)
        .optional()
        .describe('What still runs after this many ms goes on elsewhere; absent = it is waited for'),
    }),
    action: 'configure',
    resource: 'node',
    summary: 'Give a master no more work; done when nothing runs there any more',
  },
  create_agents: {
    schema: createAgentsSchema,
    action: 'configure',
    resource: 'agent',
    summary: 'Create agents: each a slot more on a master',
  },
  delete_agent: {
    schema: deleteAgentSchema,
    action: 'configure',
    resource: 'agent',
    summary: 'Delete an agent: it takes no more tasks and goes',
  },
  choose_placement: {
    schema: choosePlacementSchema,
    action: 'configure',
    resource: 'setting',
    summary: 'Choose how masters are picked from now on; what is placed stays',
  },
  set_retention: {
    schema: setRetentionSchema,
    action: 'configure',
    resource: 'setting',
    summary: 'Say how much of the past is kept from now on; what is older or more goes',
  },
  set_alert_rules: {
    schema: setAlertRulesSchema,
    action: 'configure',
    resource: 'setting',
    summary: 'Say when alerts are raised from now on, or that a kind of them is not',
  },
  set_limit: {
    schema: setLimitSchema,
    action: 'configure',
    resource: 'limit',
    summary:
      'Limit how many runs of a key, project, kind of agent or capacity there are, or how fast they start',
  },
  pause_limit: {
    schema: limitNameSchema,
    action: 'configure',
    resource: 'limit',
    summary: 'Let nothing of a capacity start anywhere; what runs goes on',
  },
  resume_limit: {
    schema: limitNameSchema,
    action: 'configure',
    resource: 'limit',
    summary: 'Let tasks of a capacity start again',
  },
  delete_limit: {
    schema: limitNameSchema,
    action: 'configure',
    resource: 'limit',
    summary: 'Take a limit away; tasks of a deleted capacity wait until it is set again',
  },
} as const

export type CatalogueName = keyof typeof catalogue

/** Parses with a catalogue schema; a failure is one clear sentence in `invalid_request`. */
export function parseOrRefuse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ControlError('invalid_request', sentenceOf(parsed.error.issues, what), {
    details: {
      issues: parsed.error.issues
        .slice(0, 10)
        .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    },
  })
}

/** A submit body (any transport) → what the rules decide on, with every default filled in. */
export function toTaskSpec(
  body: unknown,
  idempotencyKey: string | null,
): { spec: TaskSpec; projectId: ProjectId } {
  const task = parseOrRefuse(submitTaskSchema, body, 'task')
  const payloadBytes = JSON.stringify(task.payload).length
  if (payloadBytes > limits.payloadBytesMax) {
    throw new ControlError(
      'too_large',
      `payload has ${payloadBytes} bytes; at most ${limits.payloadBytesMax} are taken`,
    )
  }
  if (idempotencyKey !== null && idempotencyKey.length > limits.idempotencyKeyLengthMax) {
    throw new ControlError(
      'invalid_request',
      `the idempotency key is longer than ${limits.idempotencyKeyLengthMax} characters`,
    )
  }
  return {
    projectId: projectIdOf(task.project),
    spec: {
      type: task.type,
      name: task.name ?? defaultName(task.type, task.payload),
      priority: task.priority,
      payload: task.payload,
      requirements: {
        accountIdx: task.requirements?.accountIdx ?? null,
        workerId: task.requirements?.workerId == null ? null : nodeIdOf(task.requirements.workerId),
        timeout: task.requirements?.timeout ?? limits.timeoutMsDefault,
        ...needsIn(task),
      },
      stallAfterMs: task.stallAfterMs,
      retry: {
        attemptsMax: task.retry?.attemptsMax ?? limits.attemptsMaxDefault,
        on: task.retry?.on ?? ['lost', 'timeout'],
        backoffMs: task.retry?.backoffMs ?? limits.retryBackoffMsDefault,
      },
      leaseClass: task.leaseClass,
      onDisconnect: task.onDisconnect,
      idempotencyKey,
      ...termsIn(task),
    },
  }
}

/** A control request → command. */
export function toControl(body: unknown): {
  taskId: TaskId
  action: ReceiptAction
  timeoutMs: number | null
} {
  const control = parseOrRefuse(controlTaskSchema, body, 'command')
  return { taskId: asTaskId(control.taskId), action: control.action, timeoutMs: control.timeoutMs }
}

/** Names a task that has none by the program or the function that it runs. */
function defaultName(type: string, payload: TaskSpec['payload']): string {
  const command = 'command' in payload ? payload.command : undefined
  if (!programTypes.includes(type) || command === undefined) return type
  const text = Array.isArray(command) ? command.join(' ') : String(command)
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
