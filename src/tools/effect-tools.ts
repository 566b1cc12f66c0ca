import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { effectListSchema, effectSchema, toNoteEffect } from '../contract/effect.js'
import { idSchema } from '../contract/id.js'
import { fenceAnswerSchema } from '../contract/progress.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

export const effectTools = {
  note_effect: tool({
    ...catalogue.note_effect,
    result: effectSchema,
    run: async (plane, caller, args) => {
      // The rules take the task's own project.
      const answer = await plane.execute(caller, { command: toNoteEffect(args), projectId: 'default' })
      return answerJson(plane, caller, answer, 0)
    },
  }),
  list_effects: tool({
    summary: 'Side effects that the runs of a task noted, and what is ambiguous of them',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ taskId: idSchema }),
    result: effectListSchema,
    run: (plane, caller, { taskId }) => plane.effects(caller, taskId),
  }),
  check_fence: tool({
    summary: 'Whether a run is the current one of its task',
    action: 'read',
    resource: 'task',
    schema: z.strictObject({ taskId: idSchema, fence: z.number().int().min(1) }),
    result: fenceAnswerSchema,
    run: (plane, caller, { taskId, fence }) => plane.fence(caller, taskId, fence),
  }),
} as const
