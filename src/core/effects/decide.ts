import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { draft } from '../event.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import type { Run } from '../runs/run.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import type { Task } from '../tasks/task.js'
import { type Effect, effectsOf, newestOf, standingOf } from './effect.js'

type NoteEffect = Extract<Command, { name: 'note_effect' }>

/**
 * [EF1] A run's word on one of its effects. Only the current run is heard; what it said before is answered again and makes
 * no event, and an effect that is done stays done.
 */
export function decideNoteEffect(state: State, input: Input, command: NoteEffect): Decision {
  const task = state.task(command.taskId) ?? input.facts?.retiredTask
  if (task === undefined) throw new ControlError('task_not_found', `there is no task ${command.taskId}`)
  const run = currentRun(task, command)
  const newest = newestOf(task, command.key)
  const own = newest?.fence === run.fence ? newest : undefined
  const isKnown = newest?.state === 'done' && command.state !== 'failed'
  if (isKnown || (own !== undefined && own.state === command.state)) return answered(task, command, [])
  if (command.state === 'intent') refuseAmbiguous(task, newest, command)
  else refuseUnintended(task, newest, command)
  const chars = command.value === null ? 0 : JSON.stringify(command.value).length
  refuseOverLimits(task, { key: command.key, chars, own })
  const { fence } = run
  const { key, state: effectState, value } = command
  const { attempt } = task.state
  return answered(task, command, [
    draft('EffectNoted', aboutTask(task), {
      key,
      attempt,
      fence,
      state: effectState,
      chars,
      ...(value === null ? {} : { value }),
    }),
  ])
}

const answered = ({ taskId }: Task, { key }: NoteEffect, drafts: Decision['drafts']): Decision => ({
  ...done(drafts),
  answer: () => ({ kind: 'effect', taskId, key }),
})

/** [EF3] */
function currentRun(task: Task, { fence }: NoteEffect): Run {
  const run = task.state.phase === 'live' ? task.state.run : null
  if (run !== null && (fence === null || fence === run.fence)) return run
  const said = fence === null ? 'no fence was given' : `the fence ${fence} is not that of its current run`
  const now = run === null ? 'nothing runs of it now' : `the current one is ${run.fence}`
  throw new ControlError(
    'stale_fence',
    `${task.taskId}: ${said}, and ${now}; stop, the effect is no more this run's to do`,
    { details: { taskId: task.taskId, fence, currentFence: run?.fence ?? null } },
  )
}

/** [EF4] An earlier run began it and never said what became of it. */
function refuseAmbiguous(task: Task, newest: Effect | undefined, { again }: NoteEffect): void {
  if (again || newest === undefined || standingOf(task, newest) !== 'ambiguous') return
  throw new ControlError(
    'effect_ambiguous',
    `attempt ${newest.attempt} of ${task.taskId} began "${newest.key}" and never said whether it happened; find out and note it as done or failed, or note the intent with again: true if doing it twice is harmless`,
    { details: { taskId: task.taskId, key: newest.key, attempt: newest.attempt, fence: newest.fence } },
  )
}

/** Done and failed settle an intent: this run's own, or one that an earlier run left open. */
function refuseUnintended(task: Task, newest: Effect | undefined, { key, state }: NoteEffect): void {
  if (newest?.state === 'intent') return
  const why =
    newest === undefined
      ? 'it has no intent; note that first'
      : newest.state === 'done'
        ? `attempt ${newest.attempt} has it as done`
        : `attempt ${newest.attempt} has it as failed; note a new intent before it is tried again`
  throw new ControlError('wrong_phase', `"${key}" of ${task.taskId} cannot be noted as ${state}: ${why}`, {
    details: { taskId: task.taskId, key, state: newest?.state ?? null },
  })
}

/** [EF5] */
function refuseOverLimits(
  task: Task,
  { key, chars, own }: { readonly key: string; readonly chars: number; readonly own: Effect | undefined },
): void {
  const effects = effectsOf(task)
  const keys = new Set(effects.map((effect) => effect.key))
  if (!keys.has(key) && keys.size >= limits.effectKeysMax) {
    throw new ControlError(
      'too_large',
      `${task.taskId} has ${limits.effectKeysMax} effects already; give several steps one key, or split the task`,
    )
  }
  const total = effects.reduce((sum, effect) => sum + effect.chars, 0) - (own?.chars ?? 0) + chars
  if (total <= limits.effectsCharsMax) return
  throw new ControlError(
    'too_large',
    `the values of all effects of ${task.taskId} would take ${total} characters, at most ${limits.effectsCharsMax} are kept; note it with a short value or none`,
  )
}
