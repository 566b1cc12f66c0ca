import type { LogEvent } from '../event.js'
import { triggerIdOf } from '../ids.js'
import { firesInMinute, minuteOf } from './rate.js'
import type { Trigger } from './trigger.js'

export function evolveTrigger(trigger: Trigger | undefined, event: LogEvent): Trigger | undefined {
  if (event.type === 'TriggerCreated') {
    return {
      kind: 'trigger',
      triggerId: triggerIdOf(event.entity.id),
      projectId: event.body.definition.projectId,
      definition: event.body.definition,
      revision: 1,
      paused: false,
      seenSeq: event.seq,
      firedCount: 0,
      failedCount: 0,
      fires: { sinceMs: event.atMs, count: 0 },
      lastFiredAtMs: null,
      lastTaskId: null,
      lastError: null,
      deleted: false,
      createdAtMs: event.atMs,
      seq: event.seq,
    }
  }
  return trigger === undefined ? undefined : change(trigger, event)
}

function change(trigger: Trigger, event: LogEvent): Trigger {
  const { seq, atMs } = event
  const revision = trigger.revision + 1
  switch (event.type) {
    case 'TriggerUpdated':
      return { ...trigger, definition: event.body.definition, revision, seenSeq: seq, lastError: null, seq }
    case 'TriggerPaused':
      return { ...trigger, paused: true, revision, seq }
    case 'TriggerResumed':
      return { ...trigger, paused: false, revision, seenSeq: seq, seq }
    case 'TriggerDeleted':
      return { ...trigger, deleted: true, revision, seq }
    case 'TriggerFired': {
      const { eventSeq, taskId } = event.body
      const firedCount = trigger.firedCount + 1
      const fires = { sinceMs: minuteOf(trigger, atMs), count: firesInMinute(trigger, atMs) + 1 }
      return {
        ...trigger,
        seenSeq: eventSeq,
        firedCount,
        fires,
        lastFiredAtMs: atMs,
        lastTaskId: taskId,
        seq,
      }
    }
    case 'TriggerFailed': {
      const { eventSeq, message, count = 1 } = event.body
      const failedCount = trigger.failedCount + count
      return { ...trigger, seenSeq: eventSeq, failedCount, lastError: { atMs, eventSeq, message }, seq }
    }
    default:
      return trigger
  }
}
