import type { Task } from './protocol.js'

/** One task on the way from the first failure to the one that was asked about. */
export interface TraceStep {
  readonly task: Task
  /** Its runs that did not succeed, oldest first. */
  readonly failures: Task['attempts']
  /** It never ran: something that it depends on did not come to the wanted end. */
  readonly byDependency: boolean
}

/** Steps followed at most; a longer chain is cut at its root. */
const stepsMax = 20

/**
 * From the root cause to this task: through the dependency that failed first, as far back as one did. [] = it has not
 * failed, nor does it wait for something that has.
 */
export function errorTrace(task: Task, find: (taskId: string) => Task | undefined): readonly TraceStep[] {
  const steps: TraceStep[] = []
  const seen = new Set<string>()
  for (
    let at: Task | undefined = task;
    at !== undefined && steps.length < stepsMax;
    at = sourceOf(at, find)
  ) {
    if (seen.has(at.taskId)) break
    seen.add(at.taskId)
    const failures = at.attempts.filter((run) => run.outcome !== 'succeeded')
    const byDependency = at.phase === 'dependency_failed' || at.phase === 'blocked'
    if (failures.length === 0 && !byDependency && !isFailed(at)) break
    steps.unshift({ task: at, failures, byDependency })
  }
  // What merely waits has no trace unless something in front of it failed.
  return steps.some((step) => isFailed(step.task) || step.failures.length > 0) ? steps : []
}

const isFailed = ({ status }: Task): boolean => status === 'failed' || status === 'cancelled'

/** The dependency that went wrong first, when it is why this one did not run. */
function sourceOf(task: Task, find: (taskId: string) => Task | undefined): Task | undefined {
  if (task.phase !== 'dependency_failed' && task.phase !== 'blocked') return undefined
  return task.dependsOn
    .flatMap((taskId) => find(taskId) ?? [])
    .filter((source) => isFailed(source) || source.phase === 'blocked')
    .sort((a, b) => (a.completedAt ?? Number.MAX_VALUE) - (b.completedAt ?? Number.MAX_VALUE))[0]
}
