import type { ProjectId, Seq, TaskId, TriggerId } from '../ids.js'
import type { PlannedTask } from '../templates/planned-task.js'

/** What a trigger looks at: the end of a task, an alert, a master that joins or returns. */
export type TriggerOn = 'task_finished' | 'alert_raised' | 'node_joined'

/** Something that is there, to try a condition on. */
export interface TriggerSubject {
  readonly on: TriggerOn
  /** Of the task, the alert or the master. */
  readonly id: string
}

export interface TriggerDefinition {
  /** Unique among the triggers of its project. */
  readonly name: string
  readonly projectId: ProjectId
  readonly on: TriggerOn
  /** CEL over the event's public view; empty = always. */
  readonly condition: string
  /** Tasks that it makes within a minute at most; absent = limits.triggerFiresPerMinuteMax. */
  readonly firesPerMinuteMax?: number
  /** Placeholders of the event, `${task.taskId}`, may stand in its texts. */
  readonly task: PlannedTask
}

/** A task that is submitted when something happens. */
export interface Trigger {
  readonly kind: 'trigger'
  readonly triggerId: TriggerId
  readonly projectId: ProjectId
  readonly definition: TriggerDefinition
  /** Rises with each change of the definition, pause and resume. */
  readonly revision: number
  readonly paused: boolean
  /** Events up to this seq are dealt with for this trigger; the cluster's `triggersSeenSeq` may be ahead. */
  readonly seenSeq: Seq
  readonly firedCount: number
  /** Events that it did not fire for although it should have, or that could not be judged. */
  readonly failedCount: number
  /** Tasks of the minute that began at `sinceMs`. */
  readonly fires: { readonly sinceMs: number; readonly count: number }
  readonly lastFiredAtMs: number | null
  readonly lastTaskId: TaskId | null
  /** Why it did not fire, the last time that it should have or could not be judged. */
  readonly lastError: { readonly atMs: number; readonly eventSeq: Seq; readonly message: string } | null
  readonly deleted: boolean
  readonly createdAtMs: number
  readonly seq: Seq
}
