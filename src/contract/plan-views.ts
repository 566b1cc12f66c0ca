import type { Plan } from '../core/index/plans.js'
import { limits } from '../core/limits.js'
import type { Schedule as ScheduleEntity } from '../core/schedules/schedule.js'
import type { Template as TemplateEntity } from '../core/templates/template.js'
import type { Trigger as TriggerEntity } from '../core/triggers/trigger.js'
import { plannedTaskView } from './planned-task.js'
import type { Schedule } from './schedule.js'
import type { Template } from './template.js'
import type { Trigger } from './trigger.js'

const ifDeleted = ({ deleted }: Plan): { deleted?: true } => (deleted ? { deleted: true } : {})

function scheduleView(schedule: ScheduleEntity): Schedule {
  const { definition } = schedule
  return {
    scheduleId: schedule.scheduleId,
    name: definition.name,
    project: schedule.projectId,
    cron: definition.cron,
    timeZone: definition.timeZone,
    catchUp: definition.catchUp,
    overlap: definition.overlap,
    task: { ...plannedTaskView(definition.task) },
    paused: schedule.paused,
    nextAtMs: schedule.nextAtMs,
    lastSlotMs: schedule.lastSlotMs,
    lastTaskId: schedule.lastTaskId,
    lastSkip: schedule.lastSkip,
    createdAt: schedule.createdAtMs,
    seq: schedule.seq,
    ...ifDeleted(schedule),
  }
}

function templateView(template: TemplateEntity): Template {
  const { definition } = template
  const parameters = Object.entries(definition.parameters).map(([name, parameter]) => [
    name,
    { ...parameter, enum: parameter.enum === null ? null : [...parameter.enum] },
  ])
  return {
    templateId: template.templateId,
    name: definition.name,
    project: template.projectId,
    description: definition.description,
    parameters: Object.fromEntries(parameters) as Template['parameters'],
    task: { ...definition.task },
    version: template.version,
    createdAt: template.createdAtMs,
    updatedAt: template.updatedAtMs,
    seq: template.seq,
    ...ifDeleted(template),
  }
}

function triggerView(trigger: TriggerEntity): Trigger {
  const { definition, lastError } = trigger
  return {
    triggerId: trigger.triggerId,
    name: definition.name,
    project: trigger.projectId,
    on: definition.on,
    condition: definition.condition,
    maxPerMinute: definition.firesPerMinuteMax ?? limits.triggerFiresPerMinuteMax,
    task: { ...plannedTaskView(definition.task) },
    paused: trigger.paused,
    firedCount: trigger.firedCount,
    lastFiredAtMs: trigger.lastFiredAtMs,
    lastTaskId: trigger.lastTaskId,
    failedCount: trigger.failedCount,
    lastError:
      lastError === null
        ? null
        : { at: lastError.atMs, eventSeq: lastError.eventSeq, message: lastError.message },
    createdAt: trigger.createdAtMs,
    seq: trigger.seq,
    ...ifDeleted(trigger),
  }
}

/** The plan as REST shows it. */
export function planView(plan: Plan): Schedule | Template | Trigger {
  switch (plan.kind) {
    case 'schedule':
      return scheduleView(plan)
    case 'template':
      return templateView(plan)
    case 'trigger':
      return triggerView(plan)
  }
}
