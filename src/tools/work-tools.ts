import { z } from 'zod'
import { toActs, toBatchItem } from '../contract/batch-items.js'
import { catalogue } from '../contract/catalogue.js'
import { idSchema } from '../contract/id.js'
import { batchListSchema, batchSchema, listWorkQuery, workListSchema, workSchema } from '../contract/work.js'
import { asWorkId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

const waitField = z
  .number()
  .int()
  .min(0)
  .max(limits.waitMsMax)
  .optional()
  .describe('Answer when it is over or after this many ms')

/** Batches and bulk acts. */
export const workTools = {
  submit_batch: tool({
    ...catalogue.submit_batch,
    result: batchSchema,
    run: async (plane, caller, { items, ...flags }, { idempotencyKey, waitMs }) => {
      const intake = plane.batchIntake(caller)
      try {
        await intake.add(items.map(toBatchItem))
        const bytes = JSON.stringify(items).length
        const { batchId } = await intake.submit({ ...flags, bytes, idempotencyKey })
        return await plane.batch(caller, batchId, Math.min(waitMs, limits.waitMsMax))
      } finally {
        intake.abandon()
      }
    },
  }),
  act_on_tasks: tool({
    ...catalogue.act_on_tasks,
    result: workSchema,
    run: async (plane, caller, args, { idempotencyKey, waitMs }) => {
      const acts = toActs(args)
      const command = { name: 'start_acts', ...acts, idempotencyKey } as const
      const answer = await plane.execute(caller, { command, projectId: acts.filter.project ?? 'default' })
      return answerJson(plane, caller, answer, waitMs)
    },
  }),
  cancel_work: tool({
    ...catalogue.cancel_work,
    result: workSchema,
    run: async (plane, caller, { workId }, { waitMs }) => {
      const command = { name: 'cancel_work', workId: asWorkId(workId) } as const
      return answerJson(plane, caller, await plane.execute(caller, { command, projectId: 'default' }), waitMs)
    },
  }),
  get_work: tool({
    summary: 'How far a batch or a bulk act is',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ workId: idSchema, waitMs: waitField }),
    result: workSchema,
    run: (plane, caller, { workId, waitMs = 0 }) => plane.work(caller, workId, waitMs),
  }),
  list_work: tool({
    summary: 'Batches and bulk acts, newest first',
    action: 'read',
    resource: 'task',
    schema: listWorkQuery,
    result: workListSchema,
    run: (plane, caller, { limit, cursor = null }) => plane.works(caller, { limit, cursor }),
  }),
  get_batch: tool({
    summary: 'How far a batch is, and what it refused',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ batchId: idSchema, waitMs: waitField }),
    result: batchSchema,
    run: (plane, caller, { batchId, waitMs = 0 }) => plane.batch(caller, batchId, waitMs),
  }),
  list_batches: tool({
    summary: 'Batches, newest first',
    action: 'read',
    resource: 'task',
    schema: listWorkQuery,
    result: batchListSchema,
    run: (plane, caller, { limit, cursor = null }) => plane.batches(caller, { limit, cursor }),
  }),
}
