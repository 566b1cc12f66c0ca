import { draft, type EventDraft } from './event.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/about.js'
import { failedBy, resultOf, verdict } from './tasks/dependency.js'
import type { Task } from './tasks/task.js'
import { termsOf } from './tasks/terms.js'

/** What the end of a dependency makes of one task that waited for it. */
export interface Settled {
  readonly task: Task
  readonly drafts: readonly EventDraft[]
}

/**
 * [DP2] The next task that the end of a dependency has to reach, or null when everyone knows. The caller folds it and
 * asks again, so that a task which fails by it reaches those that wait for that one in turn.
 */
export function settle(state: State, nowMs: number): Settled | null {
  for (;;) {
    const owed = state.index.dependants.take()
    if (owed === null) return null
    const task = state.task(owed.taskId)
    const dependency = state.task(owed.dependencyId)
    if (task?.state.phase !== 'blocked' || dependency?.state.phase !== 'final') continue
    const result = resultOf(dependency, task.inputs ?? [])
    const over = draft('DependencyOver', aboutTask(task), { result })
    const { dependsMode } = termsOf(task.spec)
    switch (verdict(dependsMode, result.phase, task.state.waitsFor.length - 1)) {
      case 'wait':
        return { task, drafts: [over] }
      case 'start':
        return { task, drafts: [over, released(task, task.state.attempt, task.state.dueAtMs, nowMs)] }
      case 'fail': {
        const why = failedBy(dependsMode, dependency)
        const failed = draft('TaskFinished', aboutTask(task), { outcome: 'dependency_failed', why })
        return { task, drafts: [over, failed] }
      }
    }
  }
}

/** A task that waits for no other: it is queued, or waits for its time. */
const released = (
  about: Pick<Task, 'taskId' | 'projectId'>,
  attempt: number,
  dueAtMs: number | null,
  nowMs: number,
): EventDraft =>
  dueAtMs !== null && dueAtMs > nowMs
    ? draft('TaskDelayed', aboutTask(about), { attempt, dueAtMs })
    : draft('TaskQueued', aboutTask(about), { attempt })
