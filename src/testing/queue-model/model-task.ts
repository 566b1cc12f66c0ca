import type { LeaseClass } from '../../core/runs/lease.js'
import type { DependsMode, FinalPhase, RetryCause } from '../../core/tasks/task.js'

/** What is asked for by a submit. */
export interface Wish {
  readonly key: string | null
  readonly priority: number
  readonly delayMs: number
  readonly dependsOn: readonly string[]
  readonly dependsMode: DependsMode
  readonly concurrencyKey: string | null
  readonly capacity: string | null
  readonly queueTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly retry: {
    readonly attemptsMax: number
    readonly on: readonly RetryCause[]
    readonly backoffMs: number
  }
  readonly leaseClass: LeaseClass
  readonly onDisconnect: 'restart' | 'wait' | 'keep'
}

export type ModelPhase = 'blocked' | 'delayed' | 'queued' | 'live' | FinalPhase

/** An attempt that was lost while its master was gone. */
interface Loss {
  readonly nodeId: string
  readonly incarnation: number
  readonly atMs: number
}

/** A task as the model believes it to be. */
export interface ModelTask {
  readonly taskId: string
  readonly wish: Wish
  phase: ModelPhase
  attempt: number
  /** The last attempt that had a run, and its end. */
  endedAttempt: number
  waitsFor: string[]
  /** Not before this: of a delay, or of the pause before another attempt. */
  dueAtMs: number | null
  /** The pause is drawn within [from, to]; null = it is known to the ms. */
  dueBetween: readonly [fromMs: number, toMs: number] | null
  queuedAtMs: number
  endByMs: number | null
  isOverdue: boolean
  isCancelAsked: boolean
  /** Declines in a row. */
  declines: number
  readonly losses: Loss[]
  run: ModelRun | null
}

export interface ModelRun {
  readonly nodeId: string
  readonly fence: number
  readonly assignedAtMs: number
  /** Its master said that it runs. */
  isStarted: boolean
}

export const isOver = (phase: ModelPhase): phase is FinalPhase =>
  phase !== 'blocked' && phase !== 'delayed' && phase !== 'queued' && phase !== 'live'

export const bandOf = ({ wish }: ModelTask): 0 | 1 | 2 =>
  wish.priority >= 8 ? 0 : wish.priority >= 4 ? 1 : 2
