import type { Run } from '../runs/run.js'
import { phaseOf } from './status.js'
import type { PastRun, Task } from './task.js'

/** What of a task can be searched by words. */
export interface Searched {
  readonly taskId: string
  readonly name: string
  readonly type: string
  readonly project: string
  readonly workerId: string | null
  readonly agentId: string | null
  readonly phase: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** One text, in small letters. Walls make it of their copies by this same function, so that a filter means one thing. */
export function searchText(task: Searched): string {
  const { command } = task.payload
  const text = Array.isArray(command) ? command.join(' ') : String(command ?? '')
  const { taskId, name, type, project, workerId, agentId, phase } = task
  return [taskId, name, type, project, workerId ?? '', agentId ?? '', phase, text].join(' ').toLowerCase()
}

/** Each must be found, in any order. */
export const wordsOf = (text: string): readonly string[] => text.toLowerCase().split(/\s+/).filter(Boolean)

export function searchTextOf(task: Task): string {
  const { type, name, payload } = task.spec
  const run = lastRunOf(task)
  return searchText({
    taskId: task.taskId,
    name,
    type,
    project: task.projectId,
    workerId: run?.nodeId ?? null,
    agentId: run?.agentId ?? null,
    phase: phaseOf(task),
    payload,
  })
}

/** The run of the current attempt, going on or over; null: that attempt has none yet. */
export function lastRunOf(task: Task): Run | PastRun | null {
  const { state } = task
  if (state.phase === 'live') return state.run
  const last = task.past.at(-1)
  return last !== undefined && last.attempt === state.attempt ? last : null
}
