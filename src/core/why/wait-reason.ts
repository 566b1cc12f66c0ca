import type { NodeId } from '../ids.js'
import type { LimitScope } from '../run-limits/limit.js'

/** Why a task waits. */
export type WaitCode =
  | 'no_capability'
  | 'no_label'
  | 'no_slot'
  | 'no_memory'
  | 'worker_offline'
  | 'cordoned'
  | 'concurrency'
  | 'rate'
  | 'capacity_paused'
  | 'dependency'
  | 'delayed'
  | 'schedule'

export interface WaitReason {
  readonly code: WaitCode
  /** One sentence that a person can act on. */
  readonly text: string
  /** Of the masters, the one that lacks least; null where no master is asked for. */
  readonly nearest: Nearest | null
  /** What is limited, where a limit holds it back. */
  readonly limit?: { readonly scope: LimitScope; readonly value: string }
  /** Unix ms at which this alone ends; null = something has to happen. */
  readonly until: number | null
}

export interface Nearest {
  readonly workerId: NodeId
  /** All that it lacks, the gravest first. */
  readonly lacks: readonly WaitCode[]
}

/** To who reads it: what else the nearest one lacks may come and go. */
export const sameReason = (one: WaitReason | null, other: WaitReason | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.text === other.text &&
    one.code === other.code &&
    one.until === other.until &&
    one.nearest?.workerId === other.nearest?.workerId)
