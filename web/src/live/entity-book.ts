import type { ServerMessage } from '../../../src/contract/socket.js'
import { bounds } from './bounds.js'
import type { Alert, Frame, LimitRule, Schedule, Template, Trigger, Work, Worker } from './protocol.js'
import { Versions } from './versions.js'

/** The topics of this book: every wall hears of them, whatever is on screen. */
export const entityTopics = [
  'nodes',
  'work',
  'alerts',
  'limits',
  'schedules',
  'templates',
  'triggers',
] as const

/** What the leader tells about them, one at a time. */
export type EntityMessage = Extract<
  ServerMessage,
  {
    readonly type:
      | 'NODE_STATUS'
      | 'ALERT'
      | 'WORK_UPDATE'
      | 'LIMIT_UPDATE'
      | 'SCHEDULE_UPDATE'
      | 'TEMPLATE_UPDATE'
      | 'TRIGGER_UPDATE'
  }
>

/** The few things of which the wall holds all there are: masters, alerts, work items, and what feeds the queue. */
export class EntityBook {
  readonly #workers = new Versions<Worker>((worker) => worker.workerId)
  readonly #alerts = new Versions<Alert>((alert) => alert.alertId)
  readonly #limits = new Versions<LimitRule>((limit) => limit.limitId)
  readonly #schedules = new Versions<Schedule>((schedule) => schedule.scheduleId)
  readonly #templates = new Versions<Template>((template) => template.templateId)
  readonly #triggers = new Versions<Trigger>((trigger) => trigger.triggerId)
  readonly #work = new Versions<Work>((work) => work.workId)

  /** A newer version of one of them, or its last. */
  receive(message: EntityMessage): void {
    switch (message.type) {
      case 'NODE_STATUS':
        this.#workers.put(message.node, message.seq)
        break
      case 'ALERT':
        this.#alerts.put(message, message.seq)
        break
      case 'WORK_UPDATE':
        this.#work.put(message.work, message.seq)
        this.#trimWork()
        break
      case 'LIMIT_UPDATE':
        if (message.removed === true) this.#limits.remove(message.limit.limitId, message.seq)
        else this.#limits.put(message.limit, message.seq)
        break
      case 'SCHEDULE_UPDATE':
        putPlan(this.#schedules, message.schedule, message.schedule.scheduleId, message.seq)
        break
      case 'TEMPLATE_UPDATE':
        putPlan(this.#templates, message.template, message.template.templateId, message.seq)
        break
      case 'TRIGGER_UPDATE':
        putPlan(this.#triggers, message.trigger, message.trigger.triggerId, message.seq)
        break
    }
  }

  /** The snapshot of a topic; false: it is none of this book's. */
  picture(topic: string, items: readonly unknown[], seq: number, resumed: boolean): boolean {
    switch (topic) {
      case 'nodes':
        this.#workers.picture(items as readonly Worker[], seq, false)
        return true
      case 'alerts':
        this.#alerts.picture(items as readonly Alert[], seq, resumed)
        return true
      case 'work':
        this.#work.picture(oldestFirst(items as readonly Work[]), seq, resumed)
        this.#trimWork()
        return true
      case 'limits':
        this.#limits.picture(items as readonly LimitRule[], seq, false)
        return true
      case 'schedules':
        this.#schedules.picture(items as readonly Schedule[], seq, resumed)
        return true
      case 'templates':
        this.#templates.picture(items as readonly Template[], seq, resumed)
        return true
      case 'triggers':
        this.#triggers.picture(items as readonly Trigger[], seq, resumed)
        return true
      default:
        return false
    }
  }

  clear(): void {
    this.#workers.clear()
    this.#alerts.clear()
    this.#limits.clear()
    this.#schedules.clear()
    this.#templates.clear()
    this.#triggers.clear()
    this.#work.clear()
  }

  /** What changed since the last call. */
  take(): Pick<Frame, 'workers' | 'alerts' | 'limits' | 'schedules' | 'templates' | 'triggers' | 'work'> {
    return {
      ...(this.#workers.dirty ? { workers: this.#workers.take() } : {}),
      ...(this.#alerts.dirty ? { alerts: this.#alerts.take() } : {}),
      ...(this.#limits.dirty ? { limits: this.#limits.take() } : {}),
      ...(this.#schedules.dirty ? { schedules: this.#schedules.take() } : {}),
      ...(this.#templates.dirty ? { templates: this.#templates.take() } : {}),
      ...(this.#triggers.dirty ? { triggers: this.#triggers.take() } : {}),
      ...(this.#work.dirty ? { work: this.#work.take() } : {}),
    }
  }

  #trimWork(): void {
    this.#work.keepNewest(bounds.workFinishedHeld, (work) => work.state !== 'running')
  }
}

/** A plan's last version says that it is deleted. */
function putPlan<T extends { readonly deleted?: true | undefined }>(
  plans: Versions<T>,
  plan: T,
  id: string,
  seq: number,
): void {
  if (plan.deleted === true) plans.remove(id, seq)
  else plans.put(plan, seq)
}

/** In the order in which they would have come one by one. */
const oldestFirst = (work: readonly Work[]): readonly Work[] =>
  [...work].sort((a, b) => a.createdAt - b.createdAt)
