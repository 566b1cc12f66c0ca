import type { AlertRule, RuleKind } from '../alerts/rules.js'
import type { Seq } from '../ids.js'
import type { PlacementChoice } from '../placement/choice.js'
import type { Retention } from '../retention/retention.js'

export interface FinishedCounts {
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

export interface ClusterEventBodies {
  /** A leader took over; nothing of its term is released before this is committed. */
  TermStarted: { readonly leaderId: string }
  /** Wall time stepped forward by more than limits.clockStepMs between two turns. */
  ClockStepped: { readonly byMs: number }
  /** Places are chosen so from now on; what is placed stays. */
  PlacementChosen: PlacementChoice
  /** So much of the past is kept from now on. */
  RetentionChosen: Retention
  /** Finished tasks with a completion seq up to this left memory; their rows stay in the views. */
  TasksRetired: { readonly throughSeq: number; readonly counts: FinishedCounts }
}

export interface Cluster {
  readonly kind: 'cluster'
  readonly leaderId: string
  readonly term: number
  readonly retiredThroughSeq: number
  /** Tasks that left memory, by how they ended. */
  readonly retired: FinishedCounts
  /** Absent: as `defaultPlacement` says. */
  readonly placement?: PlacementChoice
  /** Absent: as `builtInRetention` says. */
  readonly retention?: Retention
  /** Those that are not as built in. */
  readonly alertRules?: Readonly<Partial<Record<RuleKind, AlertRule>>>
  /** Triggers were judged for all events up to this seq; absent = 0. */
  readonly triggersSeenSeq?: Seq
  readonly seq: Seq
}
