import type { BatchItemResult, WorkCounts, WorkJob, WorkRefusal } from './work.js'

export interface WorkEventBodies {
  /** A large job was taken. Its id is born from this event's seq. */
  WorkStarted: {
    readonly job: WorkJob
    readonly clientId: string
    readonly idempotencyKey: string | null
    readonly bodyHash: string
  }
  /** A step of it; the events that it caused follow in the same group. */
  WorkAdvanced: {
    readonly cursor: number
    /** Looked at by this step. */
    readonly seen: number
    /** What this step adds to the counters. */
    readonly counts: WorkCounts
    /** Refusals of this step that are kept. */
    readonly refusals: readonly WorkRefusal[]
    /** Of an atomic batch. */
    readonly results?: readonly BatchItemResult[]
  }
  WorkFinished: { readonly state: 'done' | 'cancelled' | 'failed'; readonly detail: string | null }
}
