import { idAt, projectIdOf, scheduleIdOf, seqOf, templateIdOf, triggerIdOf } from '../core/ids.js'
import type { Schedule, ScheduleDefinition } from '../core/schedules/schedule.js'
import type { TaskSpec } from '../core/tasks/task.js'
import type { Template, TemplateDefinition } from '../core/templates/template.js'
import type { Trigger, TriggerDefinition } from '../core/triggers/trigger.js'
import { sampleTask } from './entity-samples.js'

/** Plans with plausible contents, for tests that do not care about most of them. */

export const sampleSpec = (changes: Partial<TaskSpec> = {}): TaskSpec => ({
  ...sampleTask(1, 1).spec,
  ...changes,
})

const task = { kind: 'body', body: { type: 'command', payload: { command: ['true'] } } } as const
const projectId = projectIdOf('default')

export const sampleSchedule = (
  bornSeq: number,
  seq: number,
  changes: Partial<ScheduleDefinition> = {},
): Schedule => {
  const definition: ScheduleDefinition = {
    name: `schedule-${bornSeq}`,
    projectId,
    cron: '0 3 * * *',
    timeZone: 'UTC',
    catchUp: 'none',
    overlap: 'allow',
    task,
    ...changes,
  }
  return {
    kind: 'schedule',
    scheduleId: scheduleIdOf(idAt('schedule', bornSeq) ?? ''),
    projectId: definition.projectId,
    definition,
    revision: 1,
    paused: false,
    nextAtMs: 10_800_000,
    lastSlotMs: null,
    lastTaskId: null,
    lastSkip: null,
    deleted: false,
    createdAtMs: 1_000,
    seq: seqOf(seq),
  }
}

export const sampleTemplate = (
  bornSeq: number,
  seq: number,
  changes: Partial<TemplateDefinition> = {},
): Template => {
  const definition: TemplateDefinition = {
    name: `template-${bornSeq}`,
    projectId,
    description: '',
    parameters: {},
    task: task.body,
    ...changes,
  }
  return {
    kind: 'template',
    templateId: templateIdOf(idAt('template', bornSeq) ?? ''),
    projectId: definition.projectId,
    definition,
    version: 1,
    deleted: false,
    createdAtMs: 1_000,
    updatedAtMs: 1_000,
    seq: seqOf(seq),
  }
}

export const sampleTrigger = (
  bornSeq: number,
  seq: number,
  changes: Partial<TriggerDefinition> = {},
): Trigger => {
  const definition: TriggerDefinition = {
    name: `trigger-${bornSeq}`,
    projectId,
    on: 'task_finished',
    condition: '',
    task,
    ...changes,
  }
  return {
    kind: 'trigger',
    triggerId: triggerIdOf(idAt('trigger', bornSeq) ?? ''),
    projectId: definition.projectId,
    definition,
    revision: 1,
    paused: false,
    seenSeq: seqOf(bornSeq),
    firedCount: 0,
    failedCount: 0,
    fires: { sinceMs: 1_000, count: 0 },
    lastFiredAtMs: null,
    lastTaskId: null,
    lastError: null,
    deleted: false,
    createdAtMs: 1_000,
    seq: seqOf(seq),
  }
}
