import { z } from 'zod'
import { catalogue, toControl, toTaskSpec } from '../contract/catalogue.js'
import { idSchema } from '../contract/id.js'
import { queueSchema } from '../contract/queue.js'
import { historyQuery, listTasksQuery, receiptSchema, taskPageSchema, taskSchema } from '../contract/task.js'
import { limits } from '../core/limits.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

export const taskTools = {
  submit_task: tool({
    ...catalogue.submit_task,
    result: taskSchema,
    run: async (plane, caller, args, { idempotencyKey, waitMs }) => {
      const { spec, projectId } = toTaskSpec(args, idempotencyKey)
      const answer = await plane.execute(caller, { command: { name: 'submit_task', spec }, projectId })
      return answerJson(plane, caller, answer, waitMs)
    },
  }),
  control_task: tool({
    ...catalogue.control_task,
    result: z.union([receiptSchema, taskSchema.describe('A cancel found it finished')]),
    run: async (plane, caller, args, { waitMs }) => {
      const command = { name: 'control_task', ...toControl(args) } as const
      // The rules take the task's own project.
      const answer = await plane.execute(caller, { command, projectId: 'default' })
      return answerJson(plane, caller, answer, waitMs)
    },
  }),
  list_tasks: tool({
    summary: 'Tasks, newest first',
    action: 'read',
    resource: 'task',
    schema: listTasksQuery,
    result: taskPageSchema,
    run: (plane, caller, { limit, cursor, ...filter }) =>
      plane.tasks(caller, filter, { limit, cursor: cursor ?? null }),
  }),
  get_task: tool({
    summary: 'One task',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ taskId: idSchema }),
    result: taskSchema,
    run: (plane, caller, { taskId }) => plane.task(caller, taskId),
  }),
  get_queue: tool({
    summary: 'What waits, why, and which task goes next',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({}),
    result: queueSchema,
    run: (plane, caller) => plane.queue(caller),
  }),
  search_history: tool({
    summary: 'Tasks by the time they were made, newest first',
    action: 'read',
    resource: 'task',
    schema: historyQuery,
    result: z.object({ tasks: z.array(taskSchema), nextCursor: z.string().nullable() }),
    run: (plane, caller, { limit, cursor, from, to, ...filter }) =>
      plane.tasks(caller, { ...filter, fromMs: from, toMs: to }, { limit, cursor: cursor ?? null }),
  }),
  get_receipt: tool({
    summary: 'How far a command got',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ commandId: idSchema }),
    result: receiptSchema,
    run: (plane, caller, { commandId }, { waitMs }) =>
      plane.receipt(caller, commandId, Math.min(waitMs, limits.waitMsMax)),
  }),
} as const
