import { alertRulesView } from '../contract/alert-rules.js'
import { effectListView, effectOf } from '../contract/effect.js'
import { limitView } from '../contract/limit.js'
import { placementView } from '../contract/placement.js'
import { retentionView } from '../contract/retention.js'
import { alertView, receiptView, taskView } from '../contract/views.js'
import { ControlError } from '../core/errors.js'
import { bornAt } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { findAgent } from '../core/nodes/agent-acts.js'
import { defaultPlacement } from '../core/placement/choice.js'
import { isFinal } from '../core/receipts/receipt.js'
import { builtInRetention } from '../core/retention/retention.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import { Reasons } from '../core/why/reasons.js'
import type { Clock } from '../ports/clock.js'
import type { CancelSignal, JsonBytes, LoadWish } from '../ports/control-plane.js'
import type { Measures } from '../ports/measures.js'
import type { LoadPoint, TaskFilter, Views } from '../ports/store.js'
import type { LineFilter, LinePaging, Streams } from '../ports/streams.js'
import { countFleet, countTasks } from './fleet-counts.js'
import type { Gate } from './gate.js'
import { highest } from './highest.js'
import { lineView } from './line-intake.js'
import { measure } from './measure.js'
import { queuePicture } from './queue-picture.js'
import type { Samples } from './samples.js'
import { TaskLists } from './task-lists.js'
import type { TaskTally } from './task-tally.js'
import { Waiters } from './waiters.js'

export interface ReadsOptions {
  readonly state: State
  readonly gate: Gate
  readonly samples: Samples
  readonly views: Views
  readonly streams: Streams
  readonly clock: Clock
  readonly tally: TaskTally
  /** Walls that are connected now. */
  readonly walls: () => number
  readonly describe: () => {
    readonly logId: string
    readonly clusterId: string
    readonly leaderId: string
    readonly grpc: string
    readonly version: string
    readonly durability: string
  }
}

/** Answers from state, overlaid on the views; each leaves through the gate, so never older or newer than what is durable. */
export class Reads {
  readonly #options: ReadsOptions
  readonly #waiters: Waiters
  readonly #lists: TaskLists

  constructor(options: ReadsOptions) {
    this.#options = options
    this.#lists = new TaskLists(options)
    this.#waiters = new Waiters(options.clock)
  }

  async task(taskId: string): Promise<JsonBytes> {
    const task = await this.findTask(taskId)
    const { state, samples } = this.#options
    // A retired one waits for nothing.
    const waitReason = new Reasons(state).of(task)
    return this.#gated(JSON.stringify(taskView(task, { samples: samples.ofRun(task), waitReason })))
  }

  /** In memory or retired; rejects task_not_found. */
  async findTask(taskId: string): Promise<Task> {
    const { state, views } = this.#options
    const known = state.task(taskId)
    if (known !== undefined) return known
    const born = bornAt(taskId)
    const stored = Number.isNaN(born) || born > state.headSeq ? null : await views.task(taskId)
    if (stored === null) throw new ControlError('task_not_found', `there is no task ${taskId}`)
    return stored
  }

  tasks(
    filter: TaskFilter,
    page: { readonly limit: number; readonly cursor: string | null },
  ): Promise<JsonBytes> {
    return this.#lists.page(filter, page)
  }

  /** With waitMs: at the final state, or as it stands when the time is over or the caller is gone. */
  async receipt(commandId: string, waitMs: number, signal?: CancelSignal): Promise<JsonBytes> {
    const { state } = this.#options
    if (state.receipt(commandId) === undefined) {
      throw new ControlError('receipt_not_found', `there is no command ${commandId}`)
    }
    const isOver = (): boolean => {
      const receipt = state.receipt(commandId)
      return receipt === undefined || isFinal(receipt)
    }
    await this.#waiters.until(isOver, waitMs, signal)
    const receipt = state.receipt(commandId)
    if (receipt === undefined)
      throw new ControlError('receipt_not_found', `there is no command ${commandId} any more`)
    return this.#gated(JSON.stringify(receiptView(receipt)))
  }

  async taskReceipts(taskId: string): Promise<JsonBytes> {
    await this.findTask(taskId)
    const known = [...this.#options.state.tables.receipt.values()].filter((one) => one.taskId === taskId)
    const newest = highest(known, limits.taskReceiptsMax, ({ commandId }) => bornAt(commandId))
    return this.#gated(JSON.stringify({ receipts: newest.map(receiptView) }))
  }

  async effects(taskId: string): Promise<JsonBytes> {
    return this.#gated(JSON.stringify(effectListView(await this.findTask(taskId))))
  }

  async effect(taskId: string, key: string): Promise<JsonBytes> {
    return this.#gated(JSON.stringify(effectOf(await this.findTask(taskId), key)))
  }

  async fence(taskId: string, fence: number): Promise<JsonBytes> {
    const { state } = await this.findTask(taskId)
    const isCurrent = state.phase === 'live' && state.run.fence === fence
    return this.#gated(JSON.stringify({ fence: isCurrent ? 'current' : 'stale' }))
  }

  /** A turn is committed: whoever waits for a receipt may have it. */
  committed(): void {
    this.#waiters.look()
  }

  workers(): Promise<JsonBytes> {
    const { state, samples } = this.#options
    const workers = [...state.tables.node.values()].map((node) => samples.worker(state, node))
    workers.sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
    return this.#gated(JSON.stringify({ workers }))
  }

  worker(workerId: string): Promise<JsonBytes> {
    const { state, samples } = this.#options
    const node = state.node(workerId)
    if (node === undefined)
      return Promise.reject(new ControlError('worker_not_found', `there is no master ${workerId}`))
    return this.#gated(JSON.stringify(samples.worker(state, node)))
  }

  agents(): Promise<JsonBytes> {
    const { state, samples } = this.#options
    const agents = [...state.tables.node.values()].flatMap((node) => samples.worker(state, node).agents)
    return this.#gated(JSON.stringify({ agents }))
  }

  async agent(agentId: string): Promise<JsonBytes> {
    const { state, samples } = this.#options
    const { node } = findAgent(state, agentId)
    const view = samples.worker(state, node).agents.find((agent) => agent.agentId === agentId)
    return this.#gated(JSON.stringify(view))
  }

  /** Open ones first, then the newest cleared ones. */
  alerts(): Promise<JsonBytes> {
    const alerts = [...this.#options.state.tables.alert.values()].map(alertView)
    const rank = (state: string): number => (state === 'cleared' ? 1 : 0)
    alerts.sort((a, b) => rank(a.state) - rank(b.state) || b.seq - a.seq)
    return this.#gated(JSON.stringify({ alerts }))
  }

  alert(alertId: string): Promise<JsonBytes> {
    const alert = this.#options.state.alert(alertId)
    if (alert === undefined)
      return Promise.reject(new ControlError('alert_not_found', `there is no alert ${alertId}`))
    return this.#gated(JSON.stringify(alertView(alert)))
  }

  queue(): Promise<JsonBytes> {
    const { state, samples } = this.#options
    return this.#gated(JSON.stringify(queuePicture(state, samples)))
  }

  alertRules(): Promise<JsonBytes> {
    return this.#gated(JSON.stringify(alertRulesView(this.#options.state.cluster)))
  }

  placement(): Promise<JsonBytes> {
    const { cluster } = this.#options.state
    return this.#gated(JSON.stringify(placementView(cluster?.placement ?? defaultPlacement)))
  }

  retention(): Promise<JsonBytes> {
    const { cluster } = this.#options.state
    return this.#gated(JSON.stringify(retentionView(cluster?.retention ?? builtInRetention)))
  }

  limits(): Promise<JsonBytes> {
    const { state } = this.#options
    const all = [...state.tables.limit.values()].filter((limit) => !limit.removed)
    all.sort((a, b) => (a.limitId < b.limitId ? -1 : 1))
    return this.#gated(JSON.stringify({ limits: all.map((limit) => limitView(limit, state)) }))
  }

  limit(limitId: string): Promise<JsonBytes> {
    const { state } = this.#options
    const limit = state.limit(limitId)
    if (limit === undefined)
      return Promise.reject(new ControlError('limit_not_found', `there is no limit ${limitId}`))
    return this.#gated(JSON.stringify(limitView(limit, state)))
  }

  stats(): Promise<JsonBytes> {
    const { state, samples, describe } = this.#options
    const { workers, agents } = countFleet(state, samples)
    const tasks = countTasks(state)
    return this.#gated(
      JSON.stringify({ term: state.term, seq: state.headSeq, ...describe(), workers, agents, tasks }),
    )
  }

  measures(): Promise<Measures> {
    return this.#gated(measure({ ...this.#options, walls: this.#options.walls() }))
  }

  async taskLines(taskId: string, after: number, limit: number): Promise<JsonBytes> {
    await this.findTask(taskId)
    const records = await this.#options.streams.taskLines(taskId, after, limit)
    return JSON.stringify({ lines: records.map(lineView), next: records.at(-1)?.n ?? after })
  }

  /** `cursor`: of an earlier page, whose older lines are wanted. */
  async lines(filter: LineFilter, { limit, cursor }: LinePaging): Promise<JsonBytes> {
    const { lines, before } = await this.#options.streams.recentLines(filter, limit, cursor ?? undefined)
    const next = lines.at(-1)?.atMs ?? 0
    return JSON.stringify({ lines: lines.map(lineView), next, nextCursor: before?.toString() ?? null })
  }

  /** Steps are whole buckets of samples, so that none is counted twice. */
  async load({ nodeId, fromMs, toMs, points }: LoadWish): Promise<JsonBytes> {
    const bucketMs = limits.sampleBucketMs
    const start = Math.floor(fromMs / bucketMs) * bucketMs
    const stepMs = Math.max(1, Math.ceil((toMs - start) / points / bucketMs)) * bucketMs
    const found = await this.#options.views.loadHistory({ nodeId, fromMs: start, toMs, stepMs })
    return JSON.stringify({ stepMs, points: found.map(loadView) })
  }

  #gated<Made>(made: Made): Promise<Made> {
    const { gate, state } = this.#options
    return new Promise((resolve) => gate.when(state.headSeq, () => resolve(made)))
  }
}

function loadView({ atMs, nodes, rxBytesPerS, txBytesPerS, ...means }: LoadPoint) {
  return {
    at: atMs,
    workers: nodes,
    ...means,
    networkRxBytesPerS: rxBytesPerS,
    networkTxBytesPerS: txBytesPerS,
  }
}
