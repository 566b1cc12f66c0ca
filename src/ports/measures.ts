/** How tasks can end, as metrics count them. */
export const endings = ['completed', 'failed', 'cancelled'] as const
export type Ending = (typeof endings)[number]

/** Durations in classes: `counts[i]` of them took at most `boundsS[i]` seconds and more than the bound before. */
export interface DurationCounts {
  /** One more than there are bounds: the last class has no upper bound. */
  readonly counts: readonly number[]
  readonly sumS: number
}

/** One master as metrics show it; shares are fractions from 0 to 1. */
export interface WorkerMeasures {
  readonly workerId: string
  readonly isUp: boolean
  readonly agents: number
  readonly busyAgents: number
  readonly rttMs: number | null
  /** null = nothing was pushed yet. */
  readonly load: {
    readonly cpu: number
    readonly memory: number
    readonly disk: number
    readonly rxBytesPerS: number
    readonly txBytesPerS: number
  } | null
}

/** Numbers of a leader at one committed position of its log. */
export interface Measures {
  readonly term: number
  readonly seq: number
  readonly workersByStatus: Readonly<Record<string, number>>
  readonly agentsByStatus: Readonly<Record<string, number>>
  /** Tasks that the log holds, retired ones too. */
  readonly tasksByStatus: Readonly<Record<string, number>>
  /** Since this leader started, as counters are; a retried task ends twice. */
  readonly submitted: number
  readonly ended: Readonly<Record<Ending, number>>
  /** Run time of the last attempt of tasks that ended, in the classes of `durationBoundsS`. */
  readonly durations: Readonly<Record<Ending, DurationCounts>>
  readonly openAlertsByLevel: Readonly<Record<string, number>>
  readonly walls: number
  /** By id. */
  readonly workers: readonly WorkerMeasures[]
}

/** Upper bounds of the classes of task durations, in seconds. */
export const durationBoundsS: readonly number[] = [
  0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400,
]
