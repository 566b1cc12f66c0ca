import { assert } from '../assert.js'
import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { changedMeanwhile, findPlan, mayBeNamed, planAnswer } from '../index/plans.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import { submitPlanned } from '../templates/submit-planned.js'
import type { Schedule } from './schedule.js'

type Named<Name extends Command['name']> = Extract<Command, { readonly name: Name }>

const about = (schedule: Schedule) => ({
  kind: 'schedule' as const,
  id: schedule.scheduleId,
  projectId: schedule.projectId,
})

export function decideCreateSchedule(state: State, command: Named<'create_schedule'>): Decision {
  const { definition, nextAtMs } = command
  if (state.index.plans.count('schedule') >= limits.schedulesMax) {
    throw new ControlError(
      'resource_exhausted',
      `there are ${limits.schedulesMax} schedules already; delete one that is not needed`,
    )
  }
  mayBeNamed(state, 'schedule', definition)
  return planAnswer('schedule', [
    draft(
      'ScheduleCreated',
      { kind: 'schedule', id: born, projectId: definition.projectId },
      { definition, nextAtMs },
    ),
  ])
}

export function decideUpdateSchedule(
  state: State,
  input: Input,
  command: Named<'update_schedule'>,
): Decision {
  const schedule = findPlan(state, 'schedule', command.ref, input.projectId)
  const { definition, nextAtMs } = command
  mayBeNamed(state, 'schedule', definition, schedule.scheduleId)
  return planAnswer(
    'schedule',
    [draft('ScheduleUpdated', about(schedule), { definition, nextAtMs })],
    schedule.scheduleId,
  )
}

/** Paused twice, or resumed twice, is once. */
export function decidePauseSchedule(state: State, input: Input, ref: string): Decision {
  const schedule = findPlan(state, 'schedule', ref, input.projectId)
  const drafts = schedule.paused ? [] : [draft('SchedulePaused', about(schedule), {})]
  return planAnswer('schedule', drafts, schedule.scheduleId)
}

/** What passed while it was paused is not missed: it goes on with the first slot from now. */
export function decideResumeSchedule(
  state: State,
  input: Input,
  command: Named<'resume_schedule'>,
): Decision {
  const schedule = findPlan(state, 'schedule', command.ref, input.projectId)
  if (schedule.revision !== command.revision) throw changedMeanwhile(schedule.definition.name)
  const { nextAtMs } = command
  const drafts = schedule.paused ? [draft('ScheduleResumed', about(schedule), { nextAtMs })] : []
  return planAnswer('schedule', drafts, schedule.scheduleId)
}

export function decideDeleteSchedule(state: State, input: Input, ref: string): Decision {
  const schedule = findPlan(state, 'schedule', ref, input.projectId)
  return planAnswer('schedule', [draft('ScheduleDeleted', about(schedule), {})], schedule.scheduleId)
}

export function decideRunSchedule(
  state: State,
  input: Input,
  command: Named<'run_schedule'>,
  nowMs: number,
): Decision {
  const schedule = findPlan(state, 'schedule', command.ref, input.projectId)
  if (schedule.revision !== command.revision) throw changedMeanwhile(schedule.definition.name)
  const clientId = input.onBehalfOf ?? input.principal.id
  const submit = submitPlanned(state, input, {
    ready: command.ready,
    clientId,
    projectId: schedule.projectId,
    nowMs,
  })
  if (!submit.ok) throw new ControlError('unprocessable', submit.reason)
  const { taskId, created } = submit
  const run = created ? [draft('ScheduleRun', about(schedule), { taskId })] : []
  return { drafts: [...submit.drafts, ...run], answer: () => ({ kind: 'task', taskId, created }) }
}

/**
 * [SC1] One slot, at most once: it counts only for the definition that it was computed for and from the first slot that
 * is not dealt with, which moves on with it. Never refused: a slot that cannot be fired passes with its reason.
 */
export function decideFireSchedule(
  state: State,
  input: Input,
  command: Named<'fire_schedule'>,
  nowMs: number,
): Decision {
  const { fromMs, slotMs, nextAtMs } = command
  assert(slotMs >= fromMs, `slot ${slotMs} is before ${fromMs}`)
  assert(nextAtMs === null || nextAtMs > slotMs, `the slot after ${slotMs} is ${nextAtMs}`)
  const schedule = state.tables.schedule.get(command.scheduleId)
  const isCurrent = schedule?.revision === command.revision && schedule.nextAtMs === fromMs
  if (schedule === undefined || !isCurrent || slotMs > nowMs) return done([])
  const slot = { fromMs, slotMs, nextAtMs }
  const skipped = (reason: string): EventDraft =>
    draft('ScheduleSkipped', about(schedule), { ...slot, reason: reason.slice(0, limits.linkTextLengthMax) })
  const runsStill = schedule.definition.overlap === 'skip' ? unfinished(state, schedule) : null
  if (runsStill !== null) return done([skipped(`${runsStill} of the slot before is not over`)])
  const clientId = `schedule:${schedule.scheduleId}`
  const submit = submitPlanned(state, input, {
    ready: command.ready,
    clientId,
    projectId: schedule.projectId,
    nowMs,
  })
  if (!submit.ok) return done([skipped(submit.reason)])
  return done([...submit.drafts, draft('ScheduleFired', about(schedule), { ...slot, taskId: submit.taskId })])
}

function unfinished(state: State, schedule: Schedule): string | null {
  const task = schedule.lastTaskId === null ? undefined : state.task(schedule.lastTaskId)
  return task === undefined || task.state.phase === 'final' ? null : task.taskId
}
