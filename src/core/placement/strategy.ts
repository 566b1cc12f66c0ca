import type { TaskSpec } from '../tasks/task.js'

/** What is known of the agents of one kind on one node when a task could go there. */
export interface PlaceFacts {
  /** Lowest slot whose agent holds no run. */
  readonly lowestFree: number
  readonly slots: number
  readonly slotsFree: number
  /** Runs held, of whatever size. */
  readonly runs: number
  /** Fence of the newest run that began here; 0 = none since the leader's start. */
  readonly lastFence: number
  /** Newest sample, fractions of the machine; null = none yet. */
  readonly load: Load | null
  /** Runs that began here after that sample was taken. */
  readonly startsSinceLoad: number
  /** Moving average of how long runs of a type take here, in ms; null = none has ended yet. */
  responseMs(type: string): number | null
}

export interface Load {
  readonly cpu: number
  readonly memory: number
}

/** Share of each measure in the strategy `weighted`; 0 = not counted. */
export interface Weights {
  readonly connections: number
  readonly cpu: number
  readonly memory: number
  readonly response: number
}

/** How a place is chosen among those that fit. */
export interface Strategy {
  /** Lower goes first; ties go by node id. Changes only with the facts. */
  readonly rank: (place: PlaceFacts, type: string, weights: Weights) => number
  /** Tasks of one key go to one node while it has room; null = the task has none, and the rank decides. */
  readonly keyOf: ((spec: TaskSpec) => string | null) | null
}
