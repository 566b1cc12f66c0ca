import type { LogEvent } from '../event.js'
import { triggerIdOf } from '../ids.js'
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
      return { ...trigger, seenSeq: eventSeq, firedCount, lastFiredAtMs: atMs, lastTaskId: taskId, seq }
    }
    case 'TriggerFailed': {
      const { eventSeq, message } = event.body
      return { ...trigger, seenSeq: eventSeq, lastError: { atMs, eventSeq, message }, seq }
    }
    default:
      return trigger
  }
}
