import type { LogEvent } from '../event.js'
import { scheduleIdOf } from '../ids.js'
import type { Schedule } from './schedule.js'

export function evolveSchedule(schedule: Schedule | undefined, event: LogEvent): Schedule | undefined {
  if (event.type === 'ScheduleCreated') {
    const { definition, nextAtMs } = event.body
    return {
      kind: 'schedule',
      scheduleId: scheduleIdOf(event.entity.id),
      projectId: definition.projectId,
      definition,
      revision: 1,
      paused: false,
      nextAtMs,
      lastSlotMs: null,
      lastTaskId: null,
      lastSkip: null,
      deleted: false,
      createdAtMs: event.atMs,
      seq: event.seq,
    }
  }
  return schedule === undefined ? undefined : change(schedule, event)
}

function change(schedule: Schedule, event: LogEvent): Schedule {
  const { seq } = event
  const revision = schedule.revision + 1
  switch (event.type) {
    case 'ScheduleUpdated': {
      const { definition } = event.body
      const nextAtMs = schedule.paused ? null : event.body.nextAtMs
      return { ...schedule, definition, revision, nextAtMs, seq }
    }
    case 'SchedulePaused':
      return { ...schedule, paused: true, nextAtMs: null, revision, seq }
    case 'ScheduleResumed':
      return { ...schedule, paused: false, nextAtMs: event.body.nextAtMs, revision, seq }
    case 'ScheduleDeleted':
      return { ...schedule, deleted: true, nextAtMs: null, revision, seq }
    case 'ScheduleFired': {
      const { slotMs, nextAtMs, taskId } = event.body
      return { ...schedule, lastSlotMs: slotMs, nextAtMs, lastTaskId: taskId, seq }
    }
    case 'ScheduleSkipped': {
      const { slotMs, nextAtMs, reason } = event.body
      return { ...schedule, nextAtMs, lastSkip: { slotMs, reason }, seq }
    }
    case 'ScheduleRun':
      return { ...schedule, lastTaskId: event.body.taskId, seq }
    default:
      return schedule
  }
}
