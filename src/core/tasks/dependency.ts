import type { TaskId } from '../ids.js'
import { limits } from '../limits.js'
import { statusOf } from './status.js'
import type { DependsMode, FinalPhase, Task } from './task.js'

/** How a task ended, as one is told that waited for it. */
export interface DependencyResult {
  readonly taskId: TaskId
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly phase: FinalPhase
  readonly exitCode: number | null
  /** What it left as its result; null also when that was too long. */
  readonly value: unknown
  /** Length of the value as JSON, 0 when there is none; over the limits it is `truncated`. */
  readonly valueChars: number
  readonly truncated: boolean
}

/** What is told of a task that is over, beside what was told of others: limits.dependencyInputCharsMax in all. */
export function resultOf(task: Task, told: readonly DependencyResult[]): DependencyResult {
  const { state } = task
  const last = task.past.at(-1)
  // Its last run tells the result unless the task ended by something else, such as a dependency of its own.
  const end = last !== undefined && last.attempt === state.attempt ? last.end : null
  const status = statusOf(task)
  const valueChars = end === null || end.value === null ? 0 : JSON.stringify(end.value).length
  const toldChars = told.reduce((sum, one) => sum + (one.truncated ? 0 : one.valueChars), 0)
  const truncated =
    valueChars > limits.dependencyValueCharsMax || toldChars + valueChars > limits.dependencyInputCharsMax
  return {
    taskId: task.taskId,
    status: status === 'completed' || status === 'cancelled' ? status : 'failed',
    phase: state.phase === 'final' ? state.outcome : 'lost',
    exitCode: end?.exitCode ?? null,
    value: truncated ? null : (end?.value ?? null),
    valueChars,
    truncated,
  }
}

export type Verdict = 'wait' | 'start' | 'fail'

/**
 * What a task may do that waits by this mode, when one of its dependencies is over and so many are left: `succeeded`
 * wants all of them, `done` only their ends, `any` one.
 */
export function verdict(mode: DependsMode, phase: FinalPhase, left: number): Verdict {
  const hasSucceeded = phase === 'succeeded'
  switch (mode) {
    case 'succeeded':
      if (!hasSucceeded) return 'fail'
      return left === 0 ? 'start' : 'wait'
    case 'done':
      return left === 0 ? 'start' : 'wait'
    case 'any':
      if (hasSucceeded) return 'start'
      return left === 0 ? 'fail' : 'wait'
  }
}

/** Why a task fails by the end of this one. */
export const failedBy = (mode: DependsMode, dependency: Task): string => {
  const outcome = dependency.state.phase === 'final' ? dependency.state.outcome : dependency.state.phase
  const what = `${dependency.spec.name} (${dependency.taskId})`
  return mode === 'any'
    ? `none of the tasks it waited for succeeded; the last, ${what} ended as ${outcome}`
    : `it waited for ${what}, which ended as ${outcome}`
}
