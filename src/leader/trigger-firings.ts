import { type Seq, seqOf, triggerIdOf } from '../core/ids.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { ReadyTask } from '../core/templates/planned-task.js'
import type { Outcome } from '../core/turn.js'
import type { Clock } from '../ports/clock.js'
import type { TriggerFailure } from './trigger-failures.js'
import { systemInput } from './turn-loop.js'

/** A task that a trigger makes for an event. */
export interface Firing {
  readonly triggerId: string
  readonly revision: number
  readonly eventSeq: Seq
  readonly ready: ReadyTask
}

export interface TriggerFiringsOptions {
  readonly clock: Clock
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
  readonly isOpen: () => boolean
}

/**
 * What triggers owe the log, on its way there in the order of the events: one that the leader could not take now is
 * offered again before any that follows, because a trigger is through with all events before its newest.
 */
export class TriggerFirings {
  readonly #options: TriggerFiringsOptions
  #waiting: Input[] = []
  #counts = new Map<string, number>()

  constructor(options: TriggerFiringsOptions) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.#waiting.length >= limits.triggerFiresAtOnce
  }

  /** Tasks of a trigger that wait here. */
  countOf(triggerId: string): number {
    return this.#counts.get(triggerId) ?? 0
  }

  add(firing: Firing | TriggerFailure): void {
    const { triggerId, revision, eventSeq } = firing
    const isTask = 'ready' in firing
    if (isTask) this.#counts.set(triggerId, this.countOf(triggerId) + 1)
    this.#waiting.push(
      systemInput({
        name: 'fire_trigger',
        triggerId: triggerIdOf(triggerId),
        revision,
        eventSeq,
        ...(isTask ? { ready: firing.ready } : { ready: { refusal: firing.message }, count: firing.count }),
      }),
    )
  }

  /** Resolves when all of them are committed, or nobody leads any more. */
  async offer(): Promise<void> {
    const inputs = this.#waiting
    if (inputs.length === 0) return
    this.#waiting = []
    let position = await this.#offerFrom(inputs, 0)
    while (position < inputs.length && this.#options.isOpen()) {
      await new Promise<void>((resolve) => this.#options.clock.after(limits.planRetryMs, resolve))
      position = await this.#offerFrom(inputs, position)
    }
    this.#counts = new Map()
  }

  async note(throughSeq: number): Promise<void> {
    await this.#offerFrom([systemInput({ name: 'note_triggers_seen', throughSeq: seqOf(throughSeq) })], 0)
  }

  /** Resolves with the position of the first that was refused, or the end. */
  #offerFrom(inputs: readonly Input[], from: number): Promise<number> {
    return new Promise((resolve) => {
      let firstRefused = inputs.length
      let underWay = 1
      const settle = (): void => {
        underWay -= 1
        if (underWay === 0) resolve(firstRefused)
      }
      // A refusal comes before `offer` returns; nothing is offered after it.
      for (let at = from; at < firstRefused; at += 1) {
        const input = inputs[at]
        if (input === undefined) break
        underWay += 1
        this.#options.offer(input, (outcome) => {
          if (!outcome.ok) firstRefused = Math.min(firstRefused, at)
          settle()
        })
      }
      settle()
    })
  }
}
