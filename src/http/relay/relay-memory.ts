import type { Alert } from '../../contract/alert.js'
import type { LimitRule } from '../../contract/limit.js'
import type { Line } from '../../contract/line.js'
import type { Schedule } from '../../contract/schedule.js'
import type { ServerMessage } from '../../contract/socket.js'
import type { Task } from '../../contract/task.js'
import type { Template } from '../../contract/template.js'
import type { Trigger } from '../../contract/trigger.js'
import type { Work } from '../../contract/work.js'
import type { Worker } from '../../contract/worker.js'
import { limits } from '../../core/limits.js'
import { Shelf } from './shelf.js'

type Snapshot = Extract<ServerMessage, { type: 'SNAPSHOT' }>

const some = { max: limits.relayEntitiesMax }

/**
 * What the leader told the walls of this master last: the newest version of every entity, and the newest lines. Bounded
 * by limits.relayTasksMax, relayEntitiesMax and relayLinesMax. Folds nothing. Chats and receipts, which are a person's
 * own, are not kept.
 */
export class RelayMemory {
  readonly workers = new Shelf<Worker>({ ...some, idOf: (worker) => worker.workerId })
  readonly tasks = new Shelf<Task>({
    max: limits.relayTasksMax,
    idOf: (task) => task.taskId,
    isOver: (task) => task.status !== 'pending' && task.status !== 'running',
  })
  readonly alerts = new Shelf<Alert>({ ...some, idOf: (alert) => alert.alertId })
  readonly limits = new Shelf<LimitRule>({ ...some, idOf: (limit) => limit.limitId })
  readonly work = new Shelf<Work>({ ...some, idOf: (work) => work.workId })
  readonly schedules = new Shelf<Schedule>({ ...some, idOf: (schedule) => schedule.scheduleId })
  readonly templates = new Shelf<Template>({ ...some, idOf: (template) => template.templateId })
  readonly triggers = new Shelf<Trigger>({ ...some, idOf: (trigger) => trigger.triggerId })
  readonly #lines = new Map<string, Line>()
  #logId = ''
  #term = 0
  #seq = 0

  get term(): number {
    return this.#term
  }

  /** Highest seq that was told. */
  get seq(): number {
    return this.#seq
  }

  /** Oldest first. */
  get lines(): readonly Line[] {
    return [...this.#lines.values()]
  }

  /** Anything that a leader says to a wall. */
  take(message: ServerMessage): void {
    this.#take(message)
    if ('seq' in message && typeof message.seq === 'number') this.#seq = Math.max(this.#seq, message.seq)
  }

  /** Everything up to there was told already: a wall that goes on from it leaves no hole here. */
  covers({ logId, seq }: { readonly logId: string; readonly seq: number }): boolean {
    return logId === this.#logId && seq <= this.#seq
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'AUTH_OK':
        this.#follow(message)
        break
      case 'FRAME':
        for (const part of message.messages) this.take(part)
        this.#seq = Math.max(this.#seq, message.to)
        break
      case 'SNAPSHOT':
        this.#follow(message)
        this.#picture(message)
        break
      case 'METRICS':
        for (const { workerId, rttMs, ...metrics } of message.nodes)
          this.workers.amend(workerId, (worker) => ({ ...worker, rttMs, metrics, lastSeenAt: metrics.at }))
        break
      case 'LOG':
        for (const line of message.lines) this.#keepLine(line)
        break
      default:
        this.#version(message)
        break
    }
  }

  /** Another log says nothing about this one. */
  #follow({ logId, term }: { readonly logId: string; readonly term: number }): void {
    if (logId !== this.#logId) this.#clear()
    this.#logId = logId
    this.#term = term
  }

  #version(message: ServerMessage): void {
    switch (message.type) {
      case 'NODE_STATUS':
        this.workers.put(message.node, message.seq)
        break
      case 'TASK_UPDATE':
        this.tasks.put(message.task, message.seq)
        break
      case 'ALERT':
        this.alerts.put(message, message.seq)
        break
      case 'WORK_UPDATE':
        this.work.put(message.work, message.seq)
        break
      case 'LIMIT_UPDATE':
        putOrRemove(this.limits, message.limit, { seq: message.seq, isGone: message.removed })
        break
      case 'SCHEDULE_UPDATE':
        putPlan(this.schedules, message.schedule, message.seq)
        break
      case 'TEMPLATE_UPDATE':
        putPlan(this.templates, message.template, message.seq)
        break
      case 'TRIGGER_UPDATE':
        putPlan(this.triggers, message.trigger, message.seq)
        break
      default:
        break
    }
  }

  #picture({ topic, items, seq, resumed }: Snapshot): void {
    if (topic === 'logs' || topic.startsWith('logs:')) {
      for (const line of items as readonly Line[]) this.#keepLine(line)
      return
    }
    const [kind = '', one] = topic.split(':')
    const shelf = this.shelfOf(kind) as Shelf<object> | null
    if (one === undefined && resumed !== true) shelf?.replace(items, seq)
    else for (const item of items) shelf?.put(item, seq)
  }

  /** null: a topic of which nothing is kept. */
  shelfOf(topic: string) {
    switch (topic) {
      case 'nodes':
        return this.workers
      case 'tasks':
      case 'alerts':
      case 'limits':
      case 'work':
      case 'schedules':
      case 'templates':
      case 'triggers':
        return this[topic]
      default:
        return null
    }
  }

  #keepLine(line: Line): void {
    this.#lines.set(`${line.taskId}:${line.n}`, line)
    const [oldest] = this.#lines.keys()
    if (this.#lines.size > limits.relayLinesMax && oldest !== undefined) this.#lines.delete(oldest)
  }

  #clear(): void {
    for (const topic of topics) this.shelfOf(topic)?.clear()
    this.#lines.clear()
    this.#seq = 0
  }
}

const topics = ['nodes', 'tasks', 'alerts', 'limits', 'work', 'schedules', 'templates', 'triggers'] as const

function putOrRemove<T extends object>(
  shelf: Shelf<T>,
  value: T,
  { seq, isGone }: { readonly seq: number; readonly isGone: boolean | undefined },
): void {
  if (isGone === true) shelf.remove(value, seq)
  else shelf.put(value, seq)
}

/** A plan's last version says that it is deleted. */
const putPlan = <T extends { readonly deleted?: true | undefined }>(
  shelf: Shelf<T>,
  plan: T,
  seq: number,
): void => putOrRemove(shelf, plan, { seq, isGone: plan.deleted })
