import type { ProjectId, ScheduleId, Seq, TaskId } from '../ids.js'
import type { PlannedTask } from '../templates/planned-task.js'

/**
 * What becomes of slots that passed while nobody could fire them: none is made up for, only the newest, or each (the
 * newest limits.scheduleCatchUpMax).
 */
export type CatchUp = 'none' | 'one' | 'all'

export interface ScheduleDefinition {
  /** Unique among the schedules of its project. */
  readonly name: string
  readonly projectId: ProjectId
  /** Five fields, or six with seconds first. */
  readonly cron: string
  /** IANA name. */
  readonly timeZone: string
  readonly catchUp: CatchUp
  /** `skip`: a slot passes while the task of the one before is not over. */
  readonly overlap: 'allow' | 'skip'
  readonly task: PlannedTask
}

/** A task that is submitted again and again, at the times that a cron expression names: its slots. */
export interface Schedule {
  readonly kind: 'schedule'
  readonly scheduleId: ScheduleId
  readonly projectId: ProjectId
  readonly definition: ScheduleDefinition
  /** Rises with each change of the definition, pause and resume: what was computed for an older one is void. */
  readonly revision: number
  readonly paused: boolean
  /** The first slot that is not dealt with, Unix ms of the wall clock; null while paused, or when there is none left. */
  readonly nextAtMs: number | null
  /** The newest slot that was fired. */
  readonly lastSlotMs: number | null
  readonly lastTaskId: TaskId | null
  /** The newest slot that was not fired, and why. */
  readonly lastSkip: { readonly slotMs: number; readonly reason: string } | null
  readonly deleted: boolean
  readonly createdAtMs: number
  readonly seq: Seq
}
