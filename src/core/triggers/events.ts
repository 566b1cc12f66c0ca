import type { Seq, TaskId } from '../ids.js'
import type { TriggerDefinition } from './trigger.js'

export interface TriggerEventBodies {
  /** It looks at what happens from here on. */
  TriggerCreated: { readonly definition: TriggerDefinition }
  TriggerUpdated: { readonly definition: TriggerDefinition }
  TriggerPaused: Readonly<Record<string, never>>
  TriggerResumed: Readonly<Record<string, never>>
  TriggerDeleted: Readonly<Record<string, never>>
  /** `eventSeq` met its condition: the task is submitted in the same group. */
  TriggerFired: { readonly eventSeq: Seq; readonly taskId: TaskId }
  /** It was not fired for `eventSeq`, and a person should know why. */
  TriggerFailed: {
    readonly eventSeq: Seq
    readonly message: string
    /** Failures that it stands for, the newest of which it tells; absent = 1. */
    readonly count?: number
  }
  /** Every trigger that is not paused was judged for all events up to this seq. */
  TriggersSeen: { readonly throughSeq: Seq }
}
