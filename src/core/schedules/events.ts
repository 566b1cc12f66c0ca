import type { TaskId } from '../ids.js'
import type { ScheduleDefinition } from './schedule.js'

/** Slots from `fromMs` on were due; those before `slotMs` passed unfired. `nextAtMs` is the slot after it. */
interface Slot {
  readonly fromMs: number
  readonly slotMs: number
  readonly nextAtMs: number | null
}

export interface ScheduleEventBodies {
  ScheduleCreated: { readonly definition: ScheduleDefinition; readonly nextAtMs: number }
  /** `nextAtMs` counts unless it is paused. */
  ScheduleUpdated: { readonly definition: ScheduleDefinition; readonly nextAtMs: number }
  SchedulePaused: Readonly<Record<string, never>>
  ScheduleResumed: { readonly nextAtMs: number }
  ScheduleDeleted: Readonly<Record<string, never>>
  /** A slot was fired: its task is submitted in the same group. */
  ScheduleFired: Slot & { readonly taskId: TaskId }
  /** A slot passed without a task. */
  ScheduleSkipped: Slot & { readonly reason: string }
  /** Its task was submitted by hand, beside the slots. */
  ScheduleRun: { readonly taskId: TaskId }
}
