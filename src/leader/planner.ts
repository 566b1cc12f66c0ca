import { ControlError } from '../core/errors.js'
import { findPlan } from '../core/index/plans.js'
import type { PlanCommand, UserCommand } from '../core/input.js'
import type { ScheduleDefinition } from '../core/schedules/schedule.js'
import type { State } from '../core/state.js'
import type { PlannedTask } from '../core/templates/planned-task.js'
import type { TemplateDefinition } from '../core/templates/template.js'
import type { Calendar } from '../ports/calendar.js'
import type { Clock } from '../ports/clock.js'
import type { Conditions } from '../ports/conditions.js'
import type { CommandRequest, PlanRequest } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import { checkBody } from './plan-checks.js'
import type { ReadyTasks } from './ready-tasks.js'
import { checkTrigger } from './trigger-checks.js'
import { userCommand } from './user-command.js'

export interface PlannerOptions {
  readonly state: State
  readonly clock: Clock
  readonly calendar: Calendar
  readonly conditions: Conditions
  readonly random: Random
  readonly ready: ReadyTasks
}

/** Adds to a command what the rules may not find out themselves: hashes, times of a calendar, tasks made ready. */
export class Planner {
  readonly #options: PlannerOptions

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** Throws ControlError for what can never work as asked. */
  complete(request: CommandRequest, projectId: string): UserCommand {
    switch (request.name) {
      case 'submit_template': {
        const { params, overrides, idempotencyKey } = request
        const template = findPlan(this.#options.state, 'template', request.template, projectId).templateId
        const planned = { kind: 'template', template, params, overrides } as const
        const making = { projectId, idempotencyKey, origin: {}, valueFor: null }
        return { name: 'submit_task', ...this.#options.ready.of(planned, making) }
      }
      case 'create_schedule':
      case 'update_schedule':
      case 'pause_schedule':
      case 'resume_schedule':
      case 'delete_schedule':
      case 'run_schedule':
      case 'create_template':
      case 'update_template':
      case 'delete_template':
      case 'create_trigger':
      case 'update_trigger':
      case 'pause_trigger':
      case 'resume_trigger':
      case 'delete_trigger':
        return this.#plan(request, projectId)
      default:
        return userCommand(request, projectId, this.#options.random)
    }
  }

  /** The next `count` slots after `afterMs`; throws for a bad expression or zone. */
  slots(about: { cron: string; timeZone: string; afterMs: number; count: number }): readonly number[] {
    const slots: number[] = []
    let slotMs: number | null = about.afterMs
    while (slots.length < about.count) {
      slotMs = this.#options.calendar.next(about.cron, about.timeZone, slotMs)
      if (slotMs === null) break
      slots.push(slotMs)
    }
    return slots
  }

  #plan(request: PlanRequest, projectId: string): PlanCommand {
    const { state } = this.#options
    switch (request.name) {
      case 'create_schedule':
        this.#checkPlanned(request.definition.task, request.definition.projectId)
        return { ...request, nextAtMs: this.#nextAtMs(request.definition, null) }
      case 'update_schedule': {
        const { lastSlotMs } = findPlan(state, 'schedule', request.ref, projectId)
        this.#checkPlanned(request.definition.task, request.definition.projectId)
        return { ...request, nextAtMs: this.#nextAtMs(request.definition, lastSlotMs) }
      }
      case 'resume_schedule': {
        const { revision, definition, lastSlotMs } = findPlan(state, 'schedule', request.ref, projectId)
        return { ...request, revision, nextAtMs: this.#nextAtMs(definition, lastSlotMs) }
      }
      case 'run_schedule': {
        const { scheduleId, revision, definition } = findPlan(state, 'schedule', request.ref, projectId)
        const origin = { schedule: { scheduleId, name: definition.name, slotMs: null } }
        const { idempotencyKey } = request
        const making = { projectId: definition.projectId, idempotencyKey, origin, valueFor: null }
        const ready = this.#options.ready.of(definition.task, making)
        return { name: 'run_schedule', ref: request.ref, revision, ready }
      }
      case 'create_template':
      case 'update_template':
        checkTemplate(request.definition)
        return request
      case 'create_trigger':
      case 'update_trigger':
        checkTrigger(request.definition, this.#options)
        return request
      case 'pause_schedule':
      case 'delete_schedule':
      case 'delete_template':
      case 'pause_trigger':
      case 'resume_trigger':
      case 'delete_trigger':
        return request
    }
  }

  #checkPlanned(planned: PlannedTask, projectId: string): void {
    this.#options.ready.of(planned, { projectId, idempotencyKey: null, origin: {}, valueFor: null })
  }

  /** [SC1] Never a slot that was fired: the wall clock may have stepped back since. */
  #nextAtMs({ cron, timeZone }: ScheduleDefinition, lastSlotMs: number | null): number {
    const { calendar, clock } = this.#options
    const nextAtMs = calendar.next(cron, timeZone, Math.max(clock.wallMs(), lastSlotMs ?? 0))
    if (nextAtMs !== null) return nextAtMs
    throw new ControlError(
      'unprocessable',
      `cron "${cron}" is never due; give one that is, such as "0 3 * * *" (every day at 3:00)`,
    )
  }
}

/** Sample values stand for parameters that have none. */
function checkTemplate({ parameters, task }: TemplateDefinition): void {
  const samples = { string: 'text', number: 1, boolean: true }
  checkBody(task, {
    sampleOf: (name) => {
      const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
      return parameter === undefined
        ? undefined
        : (parameter.default ?? parameter.enum?.[0] ?? samples[parameter.type])
    },
    known: Object.keys(parameters).sort().join(', ') || 'no parameter',
  })
}
