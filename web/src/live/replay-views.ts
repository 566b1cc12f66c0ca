import { limitRule } from '../../../src/contract/limit.js'
import { planView } from '../../../src/contract/plan-views.js'
import type { ReplaySample } from '../../../src/contract/replay.js'
import { alertView, receiptView, taskView, workerView } from '../../../src/contract/views.js'
import { workView } from '../../../src/contract/work-views.js'
import type { ReplayFold } from '../../../src/core/replay/fold.js'
import type { ShownKind } from '../../../src/core/replay/scope.js'
import type { Task as TaskEntity } from '../../../src/core/tasks/task.js'
import { sameReason, type WaitReason } from '../../../src/core/why/wait-reason.js'
import type { Receipt, Task } from './protocol.js'

const noSamples = { progress: null, pid: null, leaseUntilMs: null, partial: null }

/** Kinds that have a topic of the live wall, and its name. */
export const topicOfKind = {
  node: 'nodes',
  task: 'tasks',
  alert: 'alerts',
  work: 'work',
  limit: 'limits',
  schedule: 'schedules',
  template: 'templates',
  trigger: 'triggers',
} as const satisfies Partial<Record<ShownKind, string>>
export type TopicKind = keyof typeof topicOfKind
export const topicKinds = Object.keys(topicOfKind) as readonly TopicKind[]

/**
 * What a fold holds as walls are told it live. A task that did not change is the same object again, so that lists see at
 * once what is new. Without samples of runs: they are never kept.
 */
export class ReplayViews {
  #tasks = new WeakMap<TaskEntity, { readonly view: Task; readonly reason: WaitReason | null }>()
  #reasons: ReadonlyMap<string, WaitReason> = new Map()
  #samples: ReadonlyMap<string, ReplaySample> = new Map()

  /** Of masters, as they were at the instant. */
  takeSamples(samples: readonly ReplaySample[]): void {
    this.#samples = new Map(samples.map((sample) => [sample.workerId, sample]))
  }

  /** Why tasks waited at the instant; none are known while it plays. */
  takeReasons(reasons: ReadonlyMap<string, WaitReason>): void {
    this.#reasons = reasons
  }

  task(task: TaskEntity): Task {
    const known = this.#tasks.get(task)
    const reason = this.#reasons.get(task.taskId) ?? null
    if (known !== undefined && sameReason(known.reason, reason)) return known.view
    const view = taskView(task, { samples: noSamples, waitReason: reason }, true)
    this.#tasks.set(task, { view, reason })
    return view
  }

  items(fold: ReplayFold, kind: TopicKind): readonly object[] {
    switch (kind) {
      case 'node':
        return this.#workers(fold)
      case 'task':
        return [...fold.all('task')].map((task) => this.task(task))
      case 'alert':
        return [...fold.all('alert')].map(alertView)
      case 'work':
        return [...fold.all('work')].map((work) => workView(work, true))
      case 'limit':
        return [...fold.all('limit')].map(limitRule)
      case 'schedule':
      case 'template':
      case 'trigger':
        return [...fold.all(kind)].map(planView)
    }
  }

  /** Commands on a task, newest first. */
  receipts(fold: ReplayFold, taskId: string): readonly Receipt[] {
    const receipts = [...fold.all('receipt')].filter((receipt) => receipt.taskId === taskId)
    return receipts.sort((a, b) => b.seq - a.seq).map(receiptView)
  }

  #workers(fold: ReplayFold): readonly object[] {
    const runs = newestRuns(fold)
    return [...fold.all('node')].map((node) => {
      const sample = this.#samples.get(node.nodeId)
      const { workerId: _, ...metrics } = sample ?? { workerId: '' }
      return workerView(node, {
        metrics: sample === undefined ? null : (metrics as Omit<ReplaySample, 'workerId'>),
        rttMs: null,
        lastSeenAtMs: Math.max(node.registeredAtMs, sample?.at ?? 0),
        taskOf: (agentId) => runs.get(`${node.nodeId}\n${agentId}`)?.taskId ?? null,
      })
    })
  }
}

/** By node and agent: the live run that began last. */
function newestRuns(
  fold: ReplayFold,
): ReadonlyMap<string, { readonly taskId: string; readonly fence: number }> {
  const runs = new Map<string, { readonly taskId: string; readonly fence: number }>()
  for (const { taskId, state } of fold.all('task')) {
    if (state.phase !== 'live') continue
    const { nodeId, agentId, fence } = state.run
    const key = `${nodeId}\n${agentId}`
    if ((runs.get(key)?.fence ?? -1) < fence) runs.set(key, { taskId, fence })
  }
  return runs
}
