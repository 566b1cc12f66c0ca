import { ControlError } from '../errors.js'
import { draft, type EventDraft } from '../event.js'
import type { TaskId } from '../ids.js'
import type { Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import { aboutTask } from './about.js'
import { type DependencyResult, failedBy, resultOf, verdict } from './dependency.js'
import type { QueueTerms, Task } from './task.js'

/** What stands between a task and its queue at some moment. */
export interface Waits {
  /** Tasks that are not over, or none when enough of them are. */
  readonly waitsFor: readonly TaskId[]
  readonly inputs: readonly DependencyResult[]
  /** Why it cannot run any more; null while it can. */
  readonly failure: string | null
}

const none: ReadonlySet<TaskId> = new Set()

/**
 * [DP1] Looks at every dependency; one that nobody knows is refused. Retired ones come as facts. `madeBefore` are made
 * earlier in the same decision.
 */
export function waitsOf(
  state: State,
  input: Input,
  terms: QueueTerms,
  madeBefore: ReadonlySet<TaskId> = none,
): Waits {
  const inputs: DependencyResult[] = []
  const open: TaskId[] = []
  const over: Task[] = []
  for (const taskId of terms.dependsOn) {
    const task = state.task(taskId) ?? input.facts?.dependencies?.find((one) => one.taskId === taskId)
    if (task === undefined && madeBefore.has(taskId)) {
      open.push(taskId)
      continue
    }
    if (task === undefined) {
      throw new ControlError(
        'unprocessable',
        `dependsOn: there is no task ${taskId}; a task can wait for tasks that were submitted before it`,
        { details: { taskId } },
      )
    }
    if (task.state.phase !== 'final') {
      open.push(taskId)
      continue
    }
    inputs.push(resultOf(task, inputs))
    over.push(task)
  }
  let left = terms.dependsOn.length
  for (const [position, task] of over.entries()) {
    left -= 1
    const phase = inputs[position]?.phase ?? 'lost'
    const said = verdict(terms.dependsMode, phase, left)
    if (said === 'start') return { waitsFor: [], inputs, failure: null }
    if (said === 'fail') return { waitsFor: open, inputs, failure: failedBy(terms.dependsMode, task) }
  }
  return { waitsFor: open, inputs, failure: null }
}

/** [DL1] [DL2] The time before which it must not run, or null. A time that is over already is refused. */
export function dueAt({ runAtMs, delayMs }: QueueTerms, nowMs: number): number | null {
  if (runAtMs !== null && runAtMs < nowMs) {
    throw new ControlError(
      'unprocessable',
      `runAt: ${runAtMs} is ${nowMs - runAtMs} ms ago; leave it out to run the task at once`,
    )
  }
  if (runAtMs !== null && runAtMs > nowMs + limits.delayMsMax) {
    throw new ControlError('unprocessable', `runAt: a task can be put off by ${limits.delayMsMax} ms at most`)
  }
  if (runAtMs === null && (delayMs === null || delayMs === 0)) return null
  return Math.max(runAtMs ?? 0, nowMs + (delayMs ?? 0))
}

/** What keeps a task out of its queue, as events: nothing when it may run at once. */
export function held(
  about: Pick<Task, 'taskId' | 'projectId'>,
  attempt: number,
  waits: Waits,
  dueAtMs: number | null,
): EventDraft[] {
  const task = aboutTask(about)
  const { waitsFor, inputs, failure } = waits
  const drafts: EventDraft[] = []
  if (waitsFor.length > 0 || inputs.length > 0)
    drafts.push(draft('TaskBlocked', task, { attempt, waitsFor, inputs, dueAtMs }))
  if (failure !== null) {
    drafts.push(draft('TaskFinished', task, { outcome: 'dependency_failed', why: failure }))
  } else if (waitsFor.length === 0 && dueAtMs !== null) {
    drafts.push(draft('TaskDelayed', task, { attempt, dueAtMs }))
  } else if (waitsFor.length === 0 && inputs.length > 0) {
    drafts.push(draft('TaskQueued', task, { attempt }))
  }
  return drafts
}
