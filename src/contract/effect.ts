import { z } from 'zod'
import { type Effect as EffectEntity, effectsOf, newestOf, standingOf } from '../core/effects/effect.js'
import { ControlError } from '../core/errors.js'
import { asTaskId, fenceOf } from '../core/ids.js'
import type { UserCommand } from '../core/input.js'
import type { Json } from '../core/json.js'
import { limits } from '../core/limits.js'
import type { Task } from '../core/tasks/task.js'
import { idSchema } from './id.js'

const effectKeySchema = z
  .string()
  .min(1)
  .max(limits.effectKeyLengthMax)
  .describe('Names the effect within its task, the same in every attempt')

/** What a run says of an effect. */
export const effectNoteFields = {
  key: effectKeySchema,
  state: z.enum(['intent', 'done', 'failed']),
  value: z.json().optional().describe('What came of it, or why it failed; any JSON'),
  again: z
    .boolean()
    .default(false)
    .describe('An intent although an earlier run left one open: doing it twice is harmless'),
}

/** POST /api/tasks/:id/effects. */
export const noteEffectSchema = z.strictObject({
  taskId: idSchema,
  ...effectNoteFields,
  fence: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Of the run that does it, so that one that was replaced is refused; absent = the current run'),
})
export type EffectNote = Omit<z.input<typeof noteEffectSchema>, 'taskId'>

export const effectSchema = z.object({
  key: z.string(),
  state: z.enum(['intent', 'done', 'failed', 'ambiguous']),
  attempt: z.number().int(),
  fence: z.number().int(),
  /** null: the run found out what became of an earlier run's intent. */
  intentAt: z.number().nullable(),
  settledAt: z.number().nullable(),
  value: z.unknown(),
})
export type Effect = z.infer<typeof effectSchema>
export const effectListSchema = z.object({ effects: z.array(effectSchema) })

/** A checked note → what the rules decide on. */
export function toNoteEffect({
  taskId,
  key,
  state,
  value = null,
  again,
  fence,
}: z.output<typeof noteEffectSchema>): Extract<UserCommand, { name: 'note_effect' }> {
  const chars = JSON.stringify(value).length
  if (chars > limits.effectValueCharsMax) {
    throw new ControlError(
      'too_large',
      `value has ${chars} characters as JSON; at most ${limits.effectValueCharsMax} are taken: keep a reference to it`,
    )
  }
  return {
    name: 'note_effect',
    taskId: asTaskId(taskId),
    fence: fence === undefined ? null : fenceOf(fence),
    key,
    state,
    value: value as Json,
    again,
  }
}

const effectView = (task: Task, effect: EffectEntity): Effect => ({
  key: effect.key,
  state: standingOf(task, effect),
  attempt: effect.attempt,
  fence: effect.fence,
  intentAt: effect.intentAtMs,
  settledAt: effect.settledAtMs,
  value: effect.value,
})

export const effectListView = (task: Task): { readonly effects: readonly Effect[] } => ({
  effects: effectsOf(task).map((effect) => effectView(task, effect)),
})

/** The newest word on one effect; `not_found` when there is none. */
export function effectOf(task: Task, key: string): Effect {
  const effect = newestOf(task, key)
  if (effect === undefined)
    throw new ControlError('not_found', `${task.taskId} has no effect ${JSON.stringify(key)}`)
  return effectView(task, effect)
}
