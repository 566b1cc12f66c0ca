import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { findPlan, mayBeNamed, planAnswer } from '../index/plans.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import type { TaskSpec } from '../tasks/task.js'
import { submitPlanned } from '../templates/submit-planned.js'
import { overRate } from './rate.js'
import type { Trigger } from './trigger.js'

type Named<Name extends Command['name']> = Extract<Command, { readonly name: Name }>

const about = (trigger: Trigger) => ({
  kind: 'trigger' as const,
  id: trigger.triggerId,
  projectId: trigger.projectId,
})

export function decideCreateTrigger(state: State, { definition }: Named<'create_trigger'>): Decision {
  if (state.index.plans.count('trigger') >= limits.triggersMax) {
    throw new ControlError(
      'resource_exhausted',
      `there are ${limits.triggersMax} triggers already; delete one that is not needed`,
    )
  }
  mayBeNamed(state, 'trigger', definition)
  const entity = { kind: 'trigger' as const, id: born, projectId: definition.projectId }
  return planAnswer('trigger', [draft('TriggerCreated', entity, { definition })])
}

export function decideUpdateTrigger(state: State, input: Input, command: Named<'update_trigger'>): Decision {
  const trigger = findPlan(state, 'trigger', command.ref, input.projectId)
  const { definition } = command
  mayBeNamed(state, 'trigger', definition, trigger.triggerId)
  return planAnswer('trigger', [draft('TriggerUpdated', about(trigger), { definition })], trigger.triggerId)
}

export function decidePauseTrigger(state: State, input: Input, ref: string): Decision {
  const trigger = findPlan(state, 'trigger', ref, input.projectId)
  return planAnswer(
    'trigger',
    trigger.paused ? [] : [draft('TriggerPaused', about(trigger), {})],
    trigger.triggerId,
  )
}

/** What happened while it was paused is not looked at. */
export function decideResumeTrigger(state: State, input: Input, ref: string): Decision {
  const trigger = findPlan(state, 'trigger', ref, input.projectId)
  return planAnswer(
    'trigger',
    trigger.paused ? [draft('TriggerResumed', about(trigger), {})] : [],
    trigger.triggerId,
  )
}

export function decideDeleteTrigger(state: State, input: Input, ref: string): Decision {
  const trigger = findPlan(state, 'trigger', ref, input.projectId)
  return planAnswer('trigger', [draft('TriggerDeleted', about(trigger), {})], trigger.triggerId)
}

/**
 * [TG1] At most once for an event: only for one after those that this trigger is through with, and only for the
 * definition that it was judged by. Never refused: what cannot be fired stands on the trigger with its reason.
 */
export function decideFireTrigger(
  state: State,
  input: Input,
  command: Named<'fire_trigger'>,
  nowMs: number,
): Decision {
  const { eventSeq, ready } = command
  const trigger = state.tables.trigger.get(command.triggerId)
  const isCurrent = trigger?.revision === command.revision && !trigger.paused && eventSeq > trigger.seenSeq
  if (trigger === undefined || !isCurrent) return done([])
  const stopped = 'refusal' in ready ? ready.refusal : (overRate(trigger, nowMs) ?? tooDeep(ready.spec))
  if (stopped !== null) return done([failed(trigger, command, stopped)])
  const clientId = `trigger:${trigger.triggerId}`
  const submit = submitPlanned(state, input, { ready, clientId, projectId: trigger.projectId, nowMs })
  if (!submit.ok) return done([failed(trigger, command, submit.reason)])
  return done([...submit.drafts, draft('TriggerFired', about(trigger), { eventSeq, taskId: submit.taskId })])
}

/** [TG5] Triggers that fire each other, or one that fires by its own tasks, come to an end. */
function tooDeep({ origin }: TaskSpec): string | null {
  const depth = origin?.trigger?.depth ?? 1
  if (depth <= limits.triggerDepthMax) return null
  return `${limits.triggerDepthMax} triggers in a row led to this event, each by the task of the one before: the chain ends here. Give it a condition that its own tasks do not meet, such as a tag`
}

function failed(trigger: Trigger, command: Named<'fire_trigger'>, reason: string): EventDraft {
  const { eventSeq, count } = command
  const message = reason.slice(0, limits.linkTextLengthMax)
  const failure = { eventSeq, message }
  return draft(
    'TriggerFailed',
    about(trigger),
    count === undefined || count === 1 ? failure : { ...failure, count },
  )
}

/** How far all triggers are, so that a new leader need not look at more than the tail. */
export function decideTriggersSeen(state: State, { throughSeq }: Named<'note_triggers_seen'>): Decision {
  if (throughSeq <= (state.cluster?.triggersSeenSeq ?? 0)) return done([])
  return done([draft('TriggersSeen', { kind: 'cluster', id: 'cluster', projectId: null }, { throughSeq })])
}
