import type { State } from '../state.js'
import { lastRunOf, searchTextOf, wordsOf } from '../tasks/search.js'
import { phaseOf, statusOf, type TaskPhase, type TaskStatus } from '../tasks/status.js'
import type { Task } from '../tasks/task.js'
import { termsOf } from '../tasks/terms.js'
import { Reasons } from '../why/reasons.js'
import type { WaitCode } from '../why/wait-reason.js'

/** Which tasks an act is about; what is absent narrows nothing. */
export interface WorkFilter {
  readonly status?: TaskStatus
  readonly phase?: TaskPhase
  readonly project?: string
  /** Master of the current run, or of the last one. */
  readonly workerId?: string
  /** Master of the current attempt's run, else the one that the task must run on: whose load it is. */
  readonly loadOf?: string
  readonly tag?: string
  /** Substring of name or id, case-insensitive. */
  readonly text?: string
  /** Each of these words is somewhere in what can be searched of a task, case-insensitive. */
  readonly words?: string
  /** Inclusive, 1 to 10. */
  readonly priorityMin?: number
  readonly priorityMax?: number
  /** Why it waits. */
  readonly reason?: WaitCode
  /** Unix ms: created before (exclusive) and at or after (inclusive). */
  readonly createdBefore?: number
  readonly createdAfter?: number
}

/** Tells of the tasks of one state whether they match; what tasks share is looked up once. */
export function matcherOf(filter: WorkFilter, state: State): (task: Task) => boolean {
  const words = filter.words === undefined ? null : wordsOf(filter.words)
  const reasons = filter.reason === undefined ? null : new Reasons(state)
  return (task) =>
    matchesFields(task, filter) &&
    (words === null || hasWords(task, words)) &&
    (reasons === null || reasons.of(task)?.code === filter.reason)
}

function matchesFields(task: Task, filter: WorkFilter): boolean {
  const { status, phase, project, workerId, loadOf, tag, text } = filter
  const { priorityMin, priorityMax, createdBefore, createdAfter } = filter
  if (status !== undefined && statusOf(task) !== status) return false
  if (phase !== undefined && phaseOf(task) !== phase) return false
  if (project !== undefined && task.projectId !== project) return false
  if (workerId !== undefined && nodeOf(task) !== workerId) return false
  if (loadOf !== undefined && ownerOf(task) !== loadOf) return false
  if (tag !== undefined && !termsOf(task.spec).tags.includes(tag)) return false
  if (priorityMin !== undefined && task.spec.priority < priorityMin) return false
  if (priorityMax !== undefined && task.spec.priority > priorityMax) return false
  if (createdBefore !== undefined && task.createdAtMs >= createdBefore) return false
  if (createdAfter !== undefined && task.createdAtMs < createdAfter) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return task.spec.name.toLowerCase().includes(wanted) || task.taskId.includes(wanted)
}

function hasWords(task: Task, words: readonly string[]): boolean {
  const text = searchTextOf(task)
  return words.every((word) => text.includes(word))
}

const nodeOf = (task: Task): string | undefined =>
  task.state.phase === 'live' ? task.state.run.nodeId : task.past.at(-1)?.nodeId

const ownerOf = (task: Task): string | null => lastRunOf(task)?.nodeId ?? task.spec.requirements.workerId
