import { limitRule } from '../contract/limit.js'
import { planView } from '../contract/plan-views.js'
import type { ChatResponse } from '../contract/socket.js'
import { alertView, taskView } from '../contract/views.js'
import { workView } from '../contract/work-views.js'
import { type PlanKind, plansOf } from '../core/index/plans.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { Work } from '../core/work/work.js'
import type { ChatRecord, LineFilter, Streams } from '../ports/streams.js'
import { highest } from './highest.js'
import { lineView } from './line-intake.js'
import type { Samples } from './samples.js'
import type { WhyWatch } from './why-watch.js'

/** The first picture of a topic. `total` counts what there is, so that a cut list says so. */
export interface Snapshot {
  readonly items: readonly unknown[]
  readonly total: number
}

export class Snapshots {
  readonly #state: State
  readonly #samples: Samples
  readonly #why: WhyWatch
  readonly #streams: Streams

  constructor(options: { state: State; samples: Samples; streams: Streams; why: WhyWatch }) {
    this.#why = options.why
    this.#state = options.state
    this.#samples = options.samples
    this.#streams = options.streams
  }

  /** Topics that live in state: answered at once. Null for the others. */
  ofState(topic: string, changedAfterSeq: number | null): Snapshot | null {
    const isNew = (entity: { readonly seq: number }): boolean =>
      changedAfterSeq === null || entity.seq > changedAfterSeq
    if (topic === 'nodes') {
      const nodes = [...this.#state.tables.node.values()].map((node) =>
        this.#samples.worker(this.#state, node),
      )
      return whole(nodes.sort((a, b) => (a.workerId < b.workerId ? -1 : 1)))
    }
    if (topic === 'alerts') {
      const alerts = [...this.#state.tables.alert.values()].filter(isNew)
      return whole(alerts.sort((a, b) => a.seq - b.seq).map(alertView))
    }
    if (topic === 'limits') {
      // Whole, as nodes are: a resumed wall must also learn which are gone.
      const rules = [...this.#state.tables.limit.values()].map(limitRule)
      return whole(rules.sort((a, b) => (a.limitId < b.limitId ? -1 : 1)))
    }
    const planKind = planTopics.get(topic)
    if (planKind !== undefined) return whole(plansOf(this.#state, planKind).map(planView))
    if (topic === 'tasks') {
      // Why a task waits may have changed without the task.
      const tasks = [...this.#state.tables.task.values()]
      return this.#tasks(tasks.filter((task) => task.state.phase === 'queued' || isNew(task)))
    }
    if (topic === 'work') {
      const work = [...this.#state.tables.work.values()].filter(isNew)
      const shown = highest(work, limits.wallSnapshotWorkMax, workRank)
      return { items: shown.map((one) => workView(one, true)), total: work.length }
    }
    if (topic.startsWith('work:')) {
      const work = this.#state.work(topic.slice('work:'.length))
      return whole(work === undefined ? [] : [workView(work, true)])
    }
    if (topic.startsWith('tasks:')) {
      const task = this.#state.task(topic.slice('tasks:'.length))
      return whole(task === undefined ? [] : [this.#view(task)])
    }
    return null
  }

  /** Topics that live in the streams: logs and chats. */
  async ofStreams(topic: string): Promise<Snapshot> {
    if (topic.startsWith('chat:')) {
      const records = await this.#streams.chat(topic.slice('chat:'.length), limits.chatHistoryMax)
      return whole(records.map(chatView))
    }
    if (topic.startsWith('logs:')) {
      const taskId = topic.slice('logs:'.length)
      return this.#lines({ taskId })
    }
    return this.#lines({})
  }

  async #lines(filter: LineFilter): Promise<Snapshot> {
    const { lines } = await this.#streams.recentLines(filter, limits.wallSnapshotLines)
    return whole(lines.map(lineView))
  }

  #view(task: Task) {
    const facts = { samples: this.#samples.ofRun(task), waitReason: this.#why.reasonOf(task) }
    return taskView(task, facts, true)
  }

  #tasks(tasks: readonly Task[]): Snapshot {
    const shown = highest(tasks, limits.wallSnapshotTasksMax, pictureRank)
    return {
      items: shown.map((task) => this.#view(task)),
      total: tasks.length,
    }
  }
}

/** Topics of few things, some of which may be gone since: always told whole. */
const planTopics: ReadonlyMap<string, PlanKind> = new Map([
  ['schedules', 'schedule'],
  ['templates', 'template'],
  ['triggers', 'trigger'],
])
export const isToldWhole = (topic: string): boolean =>
  topic === 'nodes' || topic === 'limits' || planTopics.has(topic)

/** Unfinished ones before finished ones, then the newest; a seq is always below the step. */
const pictureRank = (task: Task): number => task.seq + (task.state.phase === 'final' ? 0 : 2 ** 52)

/** Running ones first, then the newest. */
const workRank = (work: Work): number => work.seq + (work.state === 'running' ? 2 ** 52 : 0)

const whole = (items: readonly unknown[]): Snapshot => ({ items, total: items.length })

/** A kept turn of a chat as walls hear it. */
export function chatView(record: ChatRecord): ChatResponse {
  return {
    type: 'CHAT_RESPONSE',
    text: record.text,
    conversationId: record.conversationId,
    messageId: record.messageId,
    ...(record.requestId === null ? {} : { requestId: record.requestId }),
    targetContext: record.context,
    author: record.author,
    role: record.role,
    at: record.atMs,
    delta: false,
    done: true,
  }
}
