import { z } from 'zod'
import { taskSchema } from './task.js'
import { workerSchema } from './worker.js'

/** Tasks that wait: how many, why, and which goes next. */
export const queueSchema = z.object({
  waiting: z.number(),
  bands: z.object({ high: z.number(), normal: z.number(), low: z.number() }),
  /** Most tasks first; `text` is what one of them is told. Code `none`: handed to a master that has not begun. */
  reasons: z.array(z.object({ code: z.string(), tasks: z.number(), text: z.string() })),
  /** In the order in which they go, once there is room. */
  next: z.array(taskSchema),
  masters: z.array(
    workerSchema
      .pick({ workerId: true, status: true, schedulable: true, busyAgents: true, maxAgents: true })
      .extend({ waiting: z.number().describe('Tasks that name this master') }),
  ),
})
export type Queue = z.infer<typeof queueSchema>
