import { limitRule } from '../contract/limit.js'
import { planView } from '../contract/plan-views.js'
import { alertView, receiptView, taskView } from '../contract/views.js'
import { workView } from '../contract/work-views.js'
import type { LogEvent } from '../core/event.js'
import { isPlan, planId } from '../core/index/plans.js'
import type { Entity, State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { HubMessage } from '../hub/message.js'
import type { Clock } from '../ports/clock.js'
import type { Samples } from './samples.js'
import { WhyWatch } from './why-watch.js'

/** Turns entity versions into what walls hear: one message per entity and turn, encoded once. */
export class Publisher {
  readonly #state: State
  readonly #samples: Samples
  readonly why: WhyWatch
  readonly #hears: (topic: string) => boolean

  constructor(options: {
    state: State
    samples: Samples
    clock: Clock
    publish: (messages: readonly HubMessage[]) => void
    hears: (topic: string) => boolean
  }) {
    this.#state = options.state
    this.#samples = options.samples
    this.#hears = options.hears
    const { state, clock, publish } = options
    this.why = new WhyWatch({ state, clock, tell: (tasks) => publish(this.tasks(tasks)) })
  }

  /** Messages of a turn, made on the working state right after it. `changed`: see newestOf. */
  ofTurn(events: readonly LogEvent[], changed: readonly Entity[]): HubMessage[] {
    this.why.turned({ nodesChanged: changed.some(({ kind }) => kind === 'node') })
    const touchedNodes = new Set<string>()
    for (const event of events) {
      if (event.type === 'TaskAssigned' || event.type === 'RunDeclined') touchedNodes.add(event.body.nodeId)
      else if (event.type === 'RunEnded') {
        // By its fence: the task may be on another node by the end of the turn.
        const past = this.#state.task(event.entity.id)?.past
        const ended = past?.findLast(({ fence }) => fence === event.body.fence)
        if (ended !== undefined) touchedNodes.add(ended.nodeId)
      }
    }
    const messages: HubMessage[] = []
    for (const entity of changed) {
      if (entity.kind === 'task') {
        if (entity.state.phase !== 'live') this.#samples.forgetRun(entity.taskId)
        if (this.#hearsTask(entity.taskId)) messages.push(this.task(entity))
      } else if (entity.kind === 'node') touchedNodes.add(entity.nodeId)
      else messages.push(...this.#other(entity))
    }
    for (const nodeId of touchedNodes) messages.push(...this.node(nodeId))
    return messages
  }

  task(task: Task): HubMessage {
    const facts = { samples: this.#samples.ofRun(task), waitReason: this.why.reasonOf(task) }
    const view = taskView(task, facts, true)
    return {
      topics: ['tasks', `tasks:${task.taskId}`],
      key: `task:${task.taskId}`,
      json: `{"type":"TASK_UPDATE","task":${JSON.stringify(view)},"seq":${task.seq}}`,
    }
  }

  /** Of those that somebody hears of. */
  tasks(tasks: readonly Task[]): HubMessage[] {
    return tasks.filter(({ taskId }) => this.#hearsTask(taskId)).map((task) => this.task(task))
  }

  /** Nothing when nobody hears of the task: samples are many. */
  progress(task: Task): HubMessage[] {
    return this.#hearsTask(task.taskId) ? [this.task(task)] : []
  }

  /** Nothing when nobody hears of nodes. */
  node(nodeId: string): HubMessage[] {
    const node = this.#state.node(nodeId)
    if (node === undefined || !this.#hears('nodes')) return []
    const view = this.#samples.worker(this.#state, node)
    const json = `{"type":"NODE_STATUS","node":${JSON.stringify(view)},"seq":${this.#state.headSeq}}`
    return [{ topics: ['nodes'], key: `node:${nodeId}`, json }]
  }

  metrics(nodeId: string): HubMessage[] {
    const { metrics, rttMs } = this.#samples.node(nodeId)
    if (metrics === null || !this.#hears('nodes')) return []
    const json = JSON.stringify({ type: 'METRICS', nodes: [{ workerId: nodeId, rttMs, ...metrics }] })
    return [{ topics: ['nodes'], key: `metrics:${nodeId}`, json }]
  }

  #hearsTask(taskId: string): boolean {
    return this.#hears('tasks') || this.#hears(`tasks:${taskId}`)
  }

  #other(entity: Entity): HubMessage[] {
    if (entity.kind === 'alert') {
      const json = JSON.stringify({ type: 'ALERT', ...alertView(entity) })
      return [{ topics: ['alerts'], key: `alert:${entity.alertId}`, json }]
    }
    if (entity.kind === 'work') {
      const topics = ['work', `work:${entity.workId}`]
      if (!topics.some((topic) => this.#hears(topic))) return []
      const json = JSON.stringify({ type: 'WORK_UPDATE', work: workView(entity, true), seq: entity.seq })
      return [{ topics, key: `work:${entity.workId}`, json }]
    }
    if (entity.kind === 'receipt') {
      const json = JSON.stringify({ type: 'RECEIPT', receipt: receiptView(entity) })
      const topics = entity.taskId === null ? ['nodes'] : ['tasks', `tasks:${entity.taskId}`]
      return [{ topics, key: `receipt:${entity.commandId}`, json }]
    }
    if (entity.kind === 'limit') {
      const { removed, limitId, seq } = entity
      const message = { type: 'LIMIT_UPDATE', limit: limitRule(entity), ...(removed ? { removed } : {}), seq }
      return [{ topics: ['limits'], key: `limit:${limitId}`, json: JSON.stringify(message) }]
    }
    if (isPlan(entity)) {
      const { kind, seq } = entity
      const json = JSON.stringify({ type: `${kind.toUpperCase()}_UPDATE`, [kind]: planView(entity), seq })
      return [{ topics: [`${kind}s`], key: `${kind}:${planId(entity)}`, json }]
    }
    return []
  }
}
