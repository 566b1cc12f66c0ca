import { ControlError } from '../core/errors.js'
import type { Due } from '../core/index/due.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Schedule } from '../core/schedules/schedule.js'
import type { State } from '../core/state.js'
import type { ReadyTask } from '../core/templates/planned-task.js'
import type { Outcome } from '../core/turn.js'
import type { Calendar } from '../ports/calendar.js'
import type { Clock, Timer } from '../ports/clock.js'
import { newestSlots } from './newest-slots.js'
import type { ReadyTasks } from './ready-tasks.js'
import { systemInput } from './turn-loop.js'

export interface ScheduleDutyOptions {
  readonly state: State
  readonly clock: Clock
  readonly calendar: Calendar
  readonly ready: ReadyTasks
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
}

/**
 * Slots that are due, by the wall clock. What is owed stands on the schedules: a new leader finds the same, and a slot
 * that two of them offer is fired by the first one's commit only.
 */
export class ScheduleDuty {
  readonly #options: ScheduleDutyOptions
  #timer: { readonly timer: Timer; readonly atMs: number } | null = null
  #phase: 'open' | 'stopped' = 'open'

  constructor(options: ScheduleDutyOptions) {
    this.#options = options
  }

  stop(): void {
    this.#phase = 'stopped'
    this.#timer?.timer.cancel()
  }

  /** At the start and after each commit: costs next to nothing while no slot is due. */
  look(): void {
    const { slots } = this.#options.state.index.plans
    if (slots.nextAtMs === null || this.#phase === 'stopped') return
    const wallMs = this.#options.clock.wallMs()
    for (let due = slots.popDue(wallMs); due !== null; due = slots.popDue(wallMs)) this.#due(due, wallMs)
    this.#arm(wallMs)
  }

  #arm(wallMs: number): void {
    const { state, clock } = this.#options
    const { nextAtMs } = state.index.plans.slots
    if (nextAtMs === null) return
    const atMs = Math.min(nextAtMs, wallMs + limits.scheduleLookMs)
    if (this.#timer !== null && this.#timer.atMs <= atMs && this.#timer.atMs > wallMs) return
    this.#timer?.timer.cancel()
    const timer = clock.after(Math.max(0, atMs - wallMs), () => {
      this.#timer = null
      this.look()
    })
    this.#timer = { timer, atMs }
  }

  #due(due: Due, wallMs: number): void {
    const schedule = this.#options.state.tables.schedule.get(due.id)
    // A slot that was dealt with, or of a schedule that was changed: its own entry follows.
    if (schedule?.nextAtMs !== due.atMs) return
    const inputs = this.#inputs(schedule, due.atMs, wallMs)
    let left = inputs.length
    for (const input of inputs) {
      this.#options.offer(input, (outcome) => {
        left -= 1
        if (left === 0) this.#after(due, outcome)
      })
    }
  }

  /** Not dealt with: the schedule was changed meanwhile, or the leader could not take it now. */
  #after(due: Due, outcome: Outcome): void {
    const { state, clock } = this.#options
    const isOwed = (): boolean => state.tables.schedule.get(due.id)?.nextAtMs === due.atMs
    if (this.#phase === 'stopped' || !isOwed()) return
    const again = (): void => {
      if (!isOwed()) return
      state.index.plans.slots.push(due)
      this.look()
    }
    if (outcome.ok) clock.soon(again)
    else clock.after(limits.planRetryMs, again)
  }

  /** [SC4] One input a slot, oldest first; what passes by `catchUp` is passed by the first of them. */
  #inputs(schedule: Schedule, dueMs: number, wallMs: number): readonly Input[] {
    const { calendar } = this.#options
    const { cron, timeZone, catchUp } = schedule.definition
    const next = (afterMs: number): number | null => calendar.next(cron, timeZone, afterMs)
    const max = catchUp === 'all' ? limits.scheduleCatchUpMax : 1
    const slots = newestSlots(next, { fromMs: dueMs, throughMs: wallMs, max })
    return slots.map((slotMs, position) => {
      const isLast = position === slots.length - 1
      const isMissed = catchUp === 'none' && wallMs - slotMs > limits.scheduleLateMsMax
      return systemInput({
        name: 'fire_schedule',
        scheduleId: schedule.scheduleId,
        revision: schedule.revision,
        fromMs: position === 0 ? dueMs : slotMs,
        slotMs,
        nextAtMs: isLast ? next(slotMs) : (slots[position + 1] ?? null),
        ready: isMissed
          ? { refusal: 'it was missed: no leader was there at its time, and catchUp is none' }
          : this.#ready(schedule, slotMs),
      })
    })
  }

  #ready(schedule: Schedule, slotMs: number): ReadyTask {
    const { scheduleId, projectId, definition } = schedule
    try {
      return this.#options.ready.of(definition.task, {
        projectId,
        // One task a slot, also if everything else should fail.
        idempotencyKey: `slot:${slotMs}`,
        origin: { schedule: { scheduleId, name: definition.name, slotMs } },
        valueFor: null,
      })
    } catch (thrown) {
      if (thrown instanceof ControlError) return { refusal: thrown.message }
      throw thrown
    }
  }
}
