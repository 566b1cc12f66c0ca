export interface ClusterEventBodies {
  /** A leader took over; nothing of its term is released before this is committed. */
  TermStarted: { readonly leaderId: string }
  /** Wall time stepped forward by more than limits.clockStepMs between two turns. */
  ClockStepped: { readonly byMs: number }
  /** Finished tasks with a completion seq up to this left memory; their rows stay in the views. */
  TasksRetired: { readonly throughSeq: number }
}

export interface Cluster {
  readonly kind: 'cluster'
  readonly leaderId: string
  readonly term: number
  readonly retiredThroughSeq: number
}
