import type { Seq } from '../core/ids.js'
import { limits } from '../core/limits.js'

/** Why a trigger did not fire for an event. */
export interface TriggerFailure {
  readonly triggerId: string
  /** Of the definition that was judged by. */
  readonly revision: number
  readonly eventSeq: Seq
  readonly message: string
  /** Failures that it stands for; it tells the newest. */
  readonly count: number
}

/**
 * Failures of triggers on their way to the log: the first at once, those that follow within limits.triggerErrorMs
 * together. One entry a trigger.
 */
export class TriggerFailures {
  readonly #held = new Map<string, TriggerFailure>()
  readonly #toldAtMs = new Map<string, number>()

  /** The failure if it is to be told now; null = it is held. */
  add(failure: TriggerFailure, nowMs: number): TriggerFailure | null {
    const { triggerId } = failure
    const held = this.#held.get(triggerId)
    if (held === undefined && nowMs >= this.#dueMs(triggerId)) {
      this.#toldAtMs.set(triggerId, nowMs)
      return failure
    }
    const before = held?.revision === failure.revision ? held.count : 0
    this.#held.set(triggerId, { ...failure, count: before + failure.count })
    return null
  }

  /** What is held of a trigger that fires now: it comes first. */
  take(triggerId: string, nowMs: number): TriggerFailure | null {
    const held = this.#held.get(triggerId)
    if (held === undefined) return null
    this.#held.delete(triggerId)
    this.#toldAtMs.set(triggerId, nowMs)
    return held
  }

  /** What is held and due by now (Infinity: all of it), by trigger. */
  takeDue(nowMs: number): readonly TriggerFailure[] {
    const due = [...this.#held.keys()].filter((triggerId) => this.#dueMs(triggerId) <= nowMs).sort()
    return due.flatMap((triggerId) => this.take(triggerId, nowMs) ?? [])
  }

  /** When the next one is due; null = none is held. */
  get nextAtMs(): number | null {
    const dues = [...this.#held.keys()].map((triggerId) => this.#dueMs(triggerId))
    return dues.length === 0 ? null : Math.min(...dues)
  }

  /** Triggers that are gone. */
  forget(isKnown: (triggerId: string) => boolean): void {
    for (const map of [this.#held, this.#toldAtMs])
      for (const triggerId of map.keys()) if (!isKnown(triggerId)) map.delete(triggerId)
  }

  #dueMs(triggerId: string): number {
    const toldAtMs = this.#toldAtMs.get(triggerId)
    return toldAtMs === undefined ? 0 : toldAtMs + limits.triggerErrorMs
  }
}
