import { taskView } from '../contract/views.js'
import { ControlError } from '../core/errors.js'
import { bornAt, idAt } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import { phaseOf, statusOf } from '../core/tasks/status.js'
import type { Task } from '../core/tasks/task.js'
import { termsOf } from '../core/tasks/terms.js'
import { Reasons } from '../core/why/reasons.js'
import type { Clock } from '../ports/clock.js'
import type { JsonBytes } from '../ports/control-plane.js'
import type { TaskFilter, Views } from '../ports/store.js'
import { countTasks } from './fleet-counts.js'
import type { Gate } from './gate.js'
import { Highest } from './highest.js'
import type { Samples } from './samples.js'

export interface TaskListsOptions {
  readonly state: State
  readonly gate: Gate
  readonly samples: Samples
  readonly views: Views
  readonly clock: Clock
}

interface Page {
  /** Birth seq, exclusive. */
  readonly beforeSeq: number
  readonly limit: number
}

interface Hot {
  /** Newest first. */
  readonly tasks: readonly Task[]
  /** All that match, also those off the page. */
  readonly count: number
}

/**
 * Lists of tasks: what is in memory, then what left it, from the views. A list is as of one moment; a long one lets
 * turns run between its looks, and gives the versions of that moment all the same [LT1] [LT3].
 */
export class TaskLists {
  readonly #options: TaskListsOptions
  /** Lists that let others run; beyond limits.listScansMax one looks through without a pause. */
  #scans = 0

  constructor(options: TaskListsOptions) {
    this.#options = options
  }

  /** Newest first. */
  async page(filter: TaskFilter, page: { limit: number; cursor: string | null }): Promise<JsonBytes> {
    const { state, samples, gate } = this.#options
    const beforeSeq = page.cursor === null ? Number.POSITIVE_INFINITY : bornAt(page.cursor)
    if (Number.isNaN(beforeSeq)) throw new ControlError('invalid_request', 'cursor: not one that a list gave')
    const throughSeq = state.cluster?.retiredThroughSeq ?? 0
    const retired = retiredCount(state, filter)
    const { limit } = page
    const hot = this.#atOnce(filter, { beforeSeq, limit }) ?? (await this.#scan(filter, { beforeSeq, limit }))
    const reasons = new Reasons(state)
    const hotViews = hot.tasks.map((task) =>
      taskView(task, { samples: samples.ofRun(task), waitReason: reasons.of(task) }),
    )
    const cold = await this.#cold(filter, { throughSeq, beforeSeq, limit, hot: hot.tasks, retired })
    // Cold and hot interleave: an old task that still runs is older than many that retired.
    const shown = [...hotViews, ...cold.tasks.map((task) => taskView(task))]
      .sort((a, b) => bornAt(b.taskId) - bornAt(a.taskId))
      .slice(0, limit)
    const nextCursor = shown.length === limit ? (shown.at(-1)?.taskId ?? null) : null
    const json = JSON.stringify({ tasks: shown, nextCursor, total: hot.count + cold.count })
    return new Promise((resolve) => gate.when(state.headSeq, () => resolve(json)))
  }

  /** What needs no look at every task: the newest of all, or of a status that most of the newest have. */
  #atOnce({ status, ...others }: TaskFilter, { beforeSeq, limit }: Page): Hot | null {
    if (Object.values(others).some((value) => value !== undefined)) return null
    const { state } = this.#options
    const tasks: Task[] = []
    let looks = 0
    for (const bornSeq of state.index.births.before(beforeSeq)) {
      if (tasks.length === limit) break
      if (looks === limits.listLookMax) return null
      looks += 1
      const task = state.task(idAt('task', bornSeq) ?? '')
      if (task !== undefined && (status === undefined || statusOf(task) === status)) tasks.push(task)
    }
    const counts: Readonly<Record<string, number>> = state.index.counts
    return { tasks, count: status === undefined ? state.tables.task.size : (counts[status] ?? 0) }
  }

  async #scan(filter: TaskFilter, page: Page): Promise<Hot> {
    const mayPause = this.#scans < limits.listScansMax
    this.#scans += 1
    try {
      return await this.#lookThrough(matcherOf(filter), page, mayPause)
    } finally {
      this.#scans -= 1
    }
  }

  /** Looks at every task as it is now: a version never changes, a newer one is another object. */
  async #lookThrough(
    matchesFilter: (task: Task) => boolean,
    { beforeSeq, limit }: Page,
    mayPause: boolean,
  ): Promise<Hot> {
    const { state, clock } = this.#options
    const all = [...state.tables.task.values()]
    const newest = new Highest<Task>(limit)
    let count = 0
    let looks = 0
    // From the end: the younger ones come later, and what is below the page costs less then.
    for (let at = all.length - 1; at >= 0; at -= 1) {
      if (mayPause && looks === limits.listLookMax) {
        await new Promise<void>((resolve) => clock.soon(resolve))
        looks = 0
      }
      looks += 1
      const task = all[at]
      if (task === undefined || !matchesFilter(task)) continue
      count += 1
      const bornSeq = bornAt(task.taskId)
      newest.add(task, bornSeq < beforeSeq ? bornSeq : Number.NEGATIVE_INFINITY)
    }
    return { tasks: newest.items(), count }
  }

  async #cold(
    filter: TaskFilter,
    page: Page & {
      readonly throughSeq: number
      readonly hot: readonly Task[]
      readonly retired: number | null
    },
  ): Promise<{ readonly tasks: readonly Task[]; readonly count: number }> {
    const { views } = this.#options
    const { throughSeq, beforeSeq, limit, hot, retired } = page
    if (throughSeq === 0 || retired === 0) return { tasks: [], count: 0 }
    // What is older than a page that memory fills is not on it.
    const oldest = hot.length === limit ? hot.at(-1) : undefined
    const afterSeq = oldest === undefined ? 0 : bornAt(oldest.taskId)
    const tasks = await views.listTasks(filter, { throughSeq, beforeSeq, afterSeq, limit })
    // A first page with room left has all of them: one walk over the views instead of two.
    const isAll = beforeSeq === Number.POSITIVE_INFINITY && afterSeq === 0 && tasks.length < limit
    const count = retired ?? (isAll ? tasks.length : await views.countTasks(filter, throughSeq))
    return { tasks, count }
  }
}

/** Of the tasks that left memory, how many match; null = the views have to be asked. */
function retiredCount(state: State, { status, ...others }: TaskFilter): number | null {
  if (Object.values(others).some((value) => value !== undefined)) return null
  const all: Readonly<Record<string, number>> = countTasks(state)
  const hot: Readonly<Record<string, number>> = state.index.counts
  const of = (one: string): number => (all[one] ?? 0) - (hot[one] ?? 0)
  return status === undefined ? Object.keys(all).reduce((sum, one) => sum + of(one), 0) : of(status)
}

/** The same filter as the views' SQL. */
function matcherOf(filter: TaskFilter): (task: Task) => boolean {
  const { status, phase, tag, workerId, project, fromMs, toMs } = filter
  const text = filter.text?.toLowerCase()
  return (task) => {
    const run = task.state.phase === 'live' ? task.state.run : task.past.at(-1)
    return (
      (status === undefined || statusOf(task) === status) &&
      (phase === undefined || phaseOf(task) === phase) &&
      (tag === undefined || termsOf(task.spec).tags.includes(tag)) &&
      (workerId === undefined || run?.nodeId === workerId) &&
      (project === undefined || task.projectId === project) &&
      (fromMs === undefined || task.createdAtMs >= fromMs) &&
      (toMs === undefined || task.createdAtMs < toMs) &&
      (text === undefined || task.spec.name.toLowerCase().includes(text) || task.taskId.includes(text))
    )
  }
}
