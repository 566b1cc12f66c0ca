import { phaseOf, statusOf, type TaskPhase, type TaskStatus } from '../tasks/status.js'
import type { Task } from '../tasks/task.js'
import { termsOf } from '../tasks/terms.js'

/** Which tasks an act is about; what is absent narrows nothing. */
export interface WorkFilter {
  readonly status?: TaskStatus
  readonly phase?: TaskPhase
  readonly project?: string
  /** Master of the current run, or of the last one. */
  readonly workerId?: string
  readonly tag?: string
  /** Substring of name or id, case-insensitive. */
  readonly text?: string
  /** Unix ms: created before (exclusive) and at or after (inclusive). */
  readonly createdBefore?: number
  readonly createdAfter?: number
}

export function matchesFilter(task: Task, filter: WorkFilter): boolean {
  const { status, phase, project, workerId, tag, text, createdBefore, createdAfter } = filter
  if (status !== undefined && statusOf(task) !== status) return false
  if (phase !== undefined && phaseOf(task) !== phase) return false
  if (project !== undefined && task.projectId !== project) return false
  if (workerId !== undefined && nodeOf(task) !== workerId) return false
  if (tag !== undefined && !termsOf(task.spec).tags.includes(tag)) return false
  if (createdBefore !== undefined && task.createdAtMs >= createdBefore) return false
  if (createdAfter !== undefined && task.createdAtMs < createdAfter) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return task.spec.name.toLowerCase().includes(wanted) || task.taskId.includes(wanted)
}

const nodeOf = (task: Task): string | undefined =>
  task.state.phase === 'live' ? task.state.run.nodeId : task.past.at(-1)?.nodeId
