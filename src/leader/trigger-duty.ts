import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import { seqOf } from '../core/ids.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { ReadyTask } from '../core/templates/planned-task.js'
import { lookedAtBy, type TriggerEvent } from '../core/triggers/looks-at.js'
import { overRate } from '../core/triggers/rate.js'
import type { Trigger } from '../core/triggers/trigger.js'
import type { Outcome } from '../core/turn.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Conditions } from '../ports/conditions.js'
import type { Journal, Views } from '../ports/store.js'
import { type Happening, Happenings, valueAt } from './happenings.js'
import type { ReadyTasks } from './ready-tasks.js'
import { TriggerFailures } from './trigger-failures.js'
import { type Firing, TriggerFirings } from './trigger-firings.js'
import { TriggerTail } from './trigger-tail.js'

export interface TriggerDutyOptions {
  readonly state: State
  readonly clock: Clock
  readonly conditions: Conditions
  readonly journal: Pick<Journal, 'read'>
  readonly views: Pick<Views, 'task'>
  readonly ready: ReadyTasks
  /** The leader's time. */
  readonly nowMs: () => number
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
  readonly onFatal: (reason: string, cause?: unknown) => void
}

/**
 * Judges what happened by the conditions of the triggers, in the order of the log, and offers what they fire. Every event
 * is judged, over restarts too: what is owed stands on the triggers and in the log. Runs only while there is something.
 */
export class TriggerDuty {
  readonly #options: TriggerDutyOptions
  readonly #happenings: Happenings
  readonly #tail: TriggerTail
  readonly #failures = new TriggerFailures()
  readonly #firings: TriggerFirings
  #phase: 'idle' | 'working' | 'stopped' = 'idle'
  #timer: Timer | null = null
  #sliceStartMs = 0

  constructor(options: TriggerDutyOptions) {
    this.#options = options
    this.#happenings = new Happenings(options)
    this.#tail = new TriggerTail(options)
    this.#firings = new TriggerFirings({ ...options, isOpen: () => this.#isOpen })
  }

  /** Goes on where the log says that the leader before was. */
  start(): void {
    const { state } = this.#options
    const noted = state.cluster?.triggersSeenSeq ?? 0
    const seen = this.#active().map(({ seenSeq }) => Math.max(seenSeq, noted))
    if (seen.length > 0) this.#tail.resumeAfter(Math.min(...seen))
    this.#wake()
  }

  /** A group is committed; called for every one, in order. */
  committed(events: readonly LogEvent[], toSeq: number): void {
    this.#tail.committed(events, toSeq)
    if (!this.#tail.isEmpty || this.#owesNote()) this.#wake()
  }

  stop(): void {
    this.#phase = 'stopped'
    this.#timer?.cancel()
  }

  get #isOpen(): boolean {
    return this.#phase !== 'stopped'
  }

  #active(): readonly Trigger[] {
    return [...this.#options.state.tables.trigger.values()].filter(({ paused }) => !paused)
  }

  #wake(): void {
    if (this.#phase !== 'idle') return
    this.#phase = 'working'
    this.#work().catch((failure: unknown) =>
      this.#options.onFatal('events cannot be judged for triggers', failure),
    )
  }

  async #work(): Promise<void> {
    this.#sliceStartMs = this.#options.clock.monotonicMs()
    do {
      await this.#tellFailures(this.#options.clock.monotonicMs())
      if (!this.#tail.isEmpty) await this.#judgeNext()
      if (this.#owesNote()) await this.#note()
    } while (this.#isOpen && !this.#tail.isEmpty)
    if (!this.#isOpen) return
    this.#phase = 'idle'
    this.#arm()
  }

  async #judgeNext(): Promise<void> {
    const { events, lost } = await this.#tail.take()
    if (lost !== null) this.#giveUp(lost)
    for (const event of events) {
      if (!this.#isOpen) return
      await this.#judge(event)
      if (this.#firings.isFull) await this.#firings.offer()
    }
    await this.#firings.offer()
  }

  async #judge(event: TriggerEvent): Promise<void> {
    const { tables, index } = this.#options.state
    const on = lookedAtBy(event)
    if (on === null) return
    let happening: Happening | null = null
    for (const triggerId of [...index.plans.triggersOn(on)]) {
      const known = tables.trigger.get(triggerId)
      if (known === undefined || !looksAt(known, event)) continue
      happening ??= await this.#happenings.of(event)
      await this.#rest()
      const trigger = tables.trigger.get(triggerId)
      if (trigger !== undefined && looksAt(trigger, event)) this.#judgeFor(trigger, event, happening)
    }
  }

  #judgeFor(trigger: Trigger, event: TriggerEvent, happening: Happening | null): void {
    const { conditions, clock, nowMs } = this.#options
    const { triggerId, definition } = trigger
    try {
      if (happening === null)
        throw new ControlError('unprocessable', `${event.entity.id} is not kept any more`)
      if (definition.condition !== '' && !conditions.holds(definition.condition, happening.context)) return
      const tooMany = overRate(trigger, nowMs(), this.#firings.countOf(triggerId))
      if (tooMany !== null) throw new ControlError('resource_exhausted', tooMany)
      const ready = this.#ready(trigger, event, happening)
      const held = this.#failures.take(triggerId, clock.monotonicMs())
      if (held !== null) this.#firings.add(held)
      this.#firings.add(firingOf(trigger, event, ready))
    } catch (thrown) {
      if (!(thrown instanceof ControlError)) throw thrown
      this.#fail(trigger, event.seq, { message: thrown.message, count: 1 })
    }
  }

  #ready(trigger: Trigger, { seq }: TriggerEvent, { depth, context }: Happening): ReadyTask {
    const { triggerId, projectId, definition } = trigger
    return this.#options.ready.of(definition.task, {
      projectId,
      // One task an event, also if everything else should fail.
      idempotencyKey: `event:${seq}`,
      origin: { trigger: { triggerId, name: definition.name, eventSeq: seq, depth: depth + 1 } },
      valueFor: (path) => valueAt(context, path),
    })
  }

  /** [TG4] */
  #fail(
    trigger: Trigger,
    eventSeq: number,
    about: { readonly message: string; readonly count: number },
  ): void {
    const { triggerId, revision } = trigger
    const failure = { triggerId, revision, eventSeq: seqOf(eventSeq), ...about }
    const now = this.#failures.add(failure, this.#options.clock.monotonicMs())
    if (now !== null) this.#firings.add(now)
  }

  /** [TG9] Nobody knows how many of them it would have looked at: it counts as one failure. */
  #giveUp({ fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number }): void {
    const message = `events ${fromSeq + 1} to ${toSeq} were not looked at: triggers were too far behind, or these events are not kept any more`
    for (const trigger of this.#active()) {
      if (trigger.seenSeq < toSeq) this.#fail(trigger, toSeq, { message, count: 1 })
    }
  }

  async #tellFailures(dueMs: number): Promise<void> {
    for (const failure of this.#failures.takeDue(dueMs)) this.#firings.add(failure)
    await this.#firings.offer()
  }

  /** [TG3] */
  #owesNote(): boolean {
    const { cluster, index } = this.#options.state
    const seenSeq = cluster?.triggersSeenSeq ?? 0
    return index.plans.activeTriggers > 0 && this.#tail.takenSeq - seenSeq >= limits.triggerNoteEvents
  }

  async #note(): Promise<void> {
    const { tables } = this.#options.state
    const throughSeq = this.#tail.takenSeq
    await this.#tellFailures(Number.POSITIVE_INFINITY)
    this.#failures.forget((triggerId) => tables.trigger.has(triggerId))
    if (this.#isOpen) await this.#firings.note(throughSeq)
  }

  /** When the slice of time is over, others come first. */
  async #rest(): Promise<void> {
    const { clock } = this.#options
    if (clock.monotonicMs() - this.#sliceStartMs < limits.triggerSliceMs) return
    await new Promise<void>((resolve) => clock.soon(resolve))
    this.#sliceStartMs = clock.monotonicMs()
  }

  #arm(): void {
    const { clock } = this.#options
    const { nextAtMs } = this.#failures
    this.#timer?.cancel()
    if (nextAtMs === null) return
    this.#timer = clock.after(Math.max(0, nextAtMs - clock.monotonicMs()), () => this.#wake())
  }
}

/** [TG2] Of its own project, or of none; and not yet dealt with. */
const looksAt = ({ seenSeq, projectId, paused }: Trigger, event: TriggerEvent): boolean =>
  !paused && event.seq > seenSeq && (event.projectId === null || event.projectId === projectId)

const firingOf = ({ triggerId, revision }: Trigger, event: TriggerEvent, ready: ReadyTask): Firing => ({
  triggerId,
  revision,
  eventSeq: event.seq,
  ready,
})
