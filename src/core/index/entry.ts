import type { TaskSpec } from '../tasks/task.js'
import type { Group } from './group.js'
import type { Pool } from './pool.js'

/** Bands of REST's priorities: high 8–10, normal 4–7, low 1–3. */
export type Band = 0 | 1 | 2
export const bands = [0, 1, 2] as const
export const bandOf = (priority: number): Band => (priority >= 8 ? 0 : priority >= 4 ? 1 : 2)

/** A queued task where it stands in the queue. */
export interface Entry {
  readonly taskId: string
  readonly spec: TaskSpec
  readonly priority: number
  /** Seq of the event that queued it: its age. */
  readonly sinceSeq: number
  readonly pool: Pool
  readonly group: Group
  /** Taken out; a list may hold it a while longer. */
  gone: boolean
}

/** Within a band the higher priority goes first, then the older one. */
export function isBefore(one: Entry, other: Entry): boolean {
  return one.priority !== other.priority ? one.priority > other.priority : one.sinceSeq < other.sinceSeq
}
