import type { Schedule, ScheduleBody } from '../contract/schedule.js'
import type { SubmitTask, Task } from '../contract/task.js'
import type { Template, TemplateBody } from '../contract/template.js'
import type { Trigger, TriggerBody, TriggerTest, TriggerVerdict } from '../contract/trigger.js'
import type { CallOptions } from './rest.js'

/** A plan is named by its id, or by its name in `project` (default: `default`). */
export interface PlanOptions extends CallOptions {
  readonly project?: string | undefined
}
type Submitted = Promise<{ readonly task: Task; readonly created: boolean }>
type SubmitOptions = PlanOptions & { readonly idempotencyKey?: string | undefined }

/** What a template is filled with, and fields of a submit that take the place of its own. */
export type TemplateTask = Partial<Omit<SubmitTask, 'type' | 'payload' | 'project'>> & {
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined
}

/** Schedules, templates and triggers over REST. All reject with ControlError. */
export interface PlanCalls {
  /** Of one project, or of all. */
  schedules(options?: PlanOptions): Promise<readonly Schedule[]>
  schedule(ref: string, options?: PlanOptions): Promise<Schedule>
  createSchedule(schedule: ScheduleBody, options?: CallOptions): Promise<Schedule>
  /** The body takes the place of the old one; `ref` is looked for in its project. */
  updateSchedule(ref: string, schedule: ScheduleBody, options?: CallOptions): Promise<Schedule>
  deleteSchedule(ref: string, options?: PlanOptions): Promise<void>
  pauseSchedule(ref: string, options?: PlanOptions): Promise<Schedule>
  /** Goes on with the first slot from now. */
  resumeSchedule(ref: string, options?: PlanOptions): Promise<Schedule>
  /** Runs its task now, beside its slots. */
  runSchedule(ref: string, options?: SubmitOptions): Submitted
  /** Unix ms of the next `count` slots (default 5, at most 100). */
  scheduleNext(
    ref: string,
    options?: PlanOptions & { readonly count?: number | undefined },
  ): Promise<readonly number[]>
  /** The same of an expression. `timeZone`: IANA, default UTC. */
  slots(
    about: {
      readonly cron: string
      readonly timeZone?: string | undefined
      readonly count?: number | undefined
    },
    options?: CallOptions,
  ): Promise<readonly number[]>

  templates(options?: PlanOptions): Promise<readonly Template[]>
  template(ref: string, options?: PlanOptions): Promise<Template>
  createTemplate(template: TemplateBody, options?: CallOptions): Promise<Template>
  /** Makes the next version; tasks of older ones keep what they have. */
  updateTemplate(ref: string, template: TemplateBody, options?: CallOptions): Promise<Template>
  deleteTemplate(ref: string, options?: PlanOptions): Promise<void>
  runTemplate(ref: string, task?: TemplateTask, options?: SubmitOptions): Submitted

  triggers(options?: PlanOptions): Promise<readonly Trigger[]>
  trigger(ref: string, options?: PlanOptions): Promise<Trigger>
  createTrigger(trigger: TriggerBody, options?: CallOptions): Promise<Trigger>
  /** The body takes the place of the old one; what happened before is not looked at again. */
  updateTrigger(ref: string, trigger: TriggerBody, options?: CallOptions): Promise<Trigger>
  deleteTrigger(ref: string, options?: PlanOptions): Promise<void>
  /** It looks at nothing until it is resumed. */
  pauseTrigger(ref: string, options?: PlanOptions): Promise<Trigger>
  /** It looks at what happens from now on. */
  resumeTrigger(ref: string, options?: PlanOptions): Promise<Trigger>
  /** Tries a condition on a task, an alert or a master, as it is now; fires nothing. */
  testTrigger(test: TriggerTest, options?: CallOptions): Promise<TriggerVerdict>
}

/** One HTTP call, as `createRest` makes it. */
export type RestCall = <T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options?: CallOptions & {
    readonly query?: object
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
  },
) => Promise<{ readonly status: number; readonly body: T }>

export function planCalls(call: RestCall): PlanCalls {
  const schedules = planKind<Schedule, ScheduleBody>(call, 'schedules')
  const templates = planKind<Template, TemplateBody>(call, 'templates')
  const triggers = planKind<Trigger, TriggerBody>(call, 'triggers')
  return {
    schedules: schedules.list,
    schedule: schedules.show,
    createSchedule: schedules.create,
    updateSchedule: schedules.update,
    deleteSchedule: schedules.remove,
    pauseSchedule: schedules.act('pause'),
    resumeSchedule: schedules.act('resume'),
    runSchedule: (ref, options = {}) => submit(call, pathOf('schedules', ref, 'run'), undefined, options),
    scheduleNext: async (ref, options = {}) => {
      const query = { project: options.project, count: options.count }
      const path = pathOf('schedules', ref, 'next')
      return (await call<{ slots: number[] }>('GET', path, { ...options, query })).body.slots
    },
    slots: async (query, options = {}) =>
      (await call<{ slots: number[] }>('GET', '/api/schedules/next', { ...options, query })).body.slots,
    templates: templates.list,
    template: templates.show,
    createTemplate: templates.create,
    updateTemplate: templates.update,
    deleteTemplate: templates.remove,
    runTemplate: (ref, task = {}, options = {}) =>
      submit(call, pathOf('templates', ref, 'tasks'), task, options),
    triggers: triggers.list,
    trigger: triggers.show,
    createTrigger: triggers.create,
    updateTrigger: triggers.update,
    deleteTrigger: triggers.remove,
    pauseTrigger: triggers.act('pause'),
    resumeTrigger: triggers.act('resume'),
    testTrigger: async (body, options = {}) =>
      (await call<TriggerVerdict>('POST', '/api/triggers/test', { ...options, body })).body,
  }
}

const pathOf = (kinds: string, ref: string, ...rest: readonly string[]): string =>
  ['/api', kinds, encodeURIComponent(ref), ...rest].join('/')

/** What every kind of plan can do. */
function planKind<Plan, Body>(call: RestCall, kinds: string) {
  const of = (options: PlanOptions) => ({ ...options, query: { project: options.project } })
  return {
    list: async (options: PlanOptions = {}) =>
      (await call<Record<string, readonly Plan[]>>('GET', `/api/${kinds}`, of(options))).body[kinds] ?? [],
    show: async (ref: string, options: PlanOptions = {}) =>
      (await call<Plan>('GET', pathOf(kinds, ref), of(options))).body,
    create: async (body: Body, options: CallOptions = {}) =>
      (await call<Plan>('POST', `/api/${kinds}`, { ...options, body })).body,
    update: async (ref: string, body: Body, options: CallOptions = {}) =>
      (await call<Plan>('PUT', pathOf(kinds, ref), { ...options, body })).body,
    remove: async (ref: string, options: PlanOptions = {}) => {
      await call('DELETE', pathOf(kinds, ref), of(options))
    },
    act:
      (act: string) =>
      async (ref: string, options: PlanOptions = {}) =>
        (await call<Plan>('POST', pathOf(kinds, ref, act), of(options))).body,
  }
}

async function submit(call: RestCall, path: string, body: unknown, options: SubmitOptions): Submitted {
  const headers: Record<string, string> =
    options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }
  const query = { project: options.project }
  const answer = await call<Task>('POST', path, { ...options, query, headers, body })
  return { task: answer.body, created: answer.status === 201 }
}
