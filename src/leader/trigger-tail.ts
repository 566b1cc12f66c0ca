import type { LogEvent } from '../core/event.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import {
  isTriggerEvent,
  lookedAtBy,
  type TriggerEvent,
  triggerEventTypes,
} from '../core/triggers/looks-at.js'
import type { Journal } from '../ports/store.js'

export interface TriggerTailOptions {
  readonly state: State
  readonly journal: Pick<Journal, 'read'>
}

/** The next events to judge, in order. */
export interface Taken {
  readonly events: readonly TriggerEvent[]
  /** With these, all events up to this seq were taken. */
  readonly throughSeq: number
  /** Events (from, to] that were given up, because they are too many or not kept any more; null = none. */
  readonly lost: { readonly fromSeq: number; readonly toSeq: number } | null
}

/**
 * Committed events that triggers look at, each once and in order: from memory while the triggers keep up, else from the
 * journal. Costs next to nothing while no trigger is active.
 */
export class TriggerTail {
  readonly #options: TriggerTailOptions
  #queue: TriggerEvent[] = []
  #mode: 'live' | 'behind' = 'live'
  /** All events up to this seq were taken, or are of no interest. */
  #takenSeq: number
  /** Newest event that `committed` was told of. */
  #toldSeq: number

  constructor(options: TriggerTailOptions) {
    this.#options = options
    this.#toldSeq = options.state.headSeq
    this.#takenSeq = this.#toldSeq
  }

  get isEmpty(): boolean {
    return this.#mode === 'live' && this.#queue.length === 0
  }

  /** All events up to this seq are taken. */
  get takenSeq(): number {
    return this.isEmpty ? this.#toldSeq : this.#takenSeq
  }

  /** A new leader goes on after this seq. */
  resumeAfter(seq: number): void {
    if (seq >= this.#toldSeq) return
    this.#mode = 'behind'
    this.#takenSeq = seq
  }

  /** A group is committed; called for every one, in order. */
  committed(events: readonly LogEvent[], toSeq: number): void {
    const { plans } = this.#options.state.index
    this.#toldSeq = toSeq
    if (plans.activeTriggers === 0) {
      this.#mode = 'live'
      this.#queue = []
      return
    }
    if (this.#mode === 'behind') return
    for (const event of events) {
      const on = lookedAtBy(event)
      if (on === null || plans.triggersOn(on).size === 0 || event.seq <= this.#takenSeq) continue
      this.#queue.push(event as TriggerEvent)
    }
    if (this.#queue.length <= limits.triggerQueueMax) return
    // What is dropped here stands in the journal, after the last that was taken.
    this.#takenSeq = (this.#queue[0]?.seq ?? toSeq) - 1
    this.#queue = []
    this.#mode = 'behind'
  }

  async take(): Promise<Taken> {
    return this.#mode === 'live' ? this.#takeQueued() : this.#takeRead()
  }

  #takeQueued(): Taken {
    const events = this.#queue
    this.#queue = []
    this.#takenSeq = Math.max(this.#takenSeq, this.#toldSeq)
    return { events, throughSeq: this.#takenSeq, lost: null }
  }

  async #takeRead(): Promise<Taken> {
    const fromSeq = this.#takenSeq
    // [TG9] What is further back is given up.
    const afterSeq = Math.max(fromSeq, this.#toldSeq - limits.triggerTailMax)
    const page = await this.#options.journal.read(afterSeq, limits.pageMax)
    // Retention may have been there before.
    const lostSeq = (page[0]?.seq ?? afterSeq + 1) - 1
    this.#takenSeq = page.at(-1)?.seq ?? afterSeq
    // A page may be ahead of what is told: `committed` skips what it had.
    if (this.#takenSeq >= this.#toldSeq) this.#mode = 'live'
    const events = page.flatMap(({ json }) => readEvent(json))
    const lost = lostSeq > fromSeq ? { fromSeq, toSeq: lostSeq } : null
    return { events, throughSeq: this.#takenSeq, lost }
  }
}

/** Most lines are of no interest: they are told apart by a look at the text. */
function readEvent(json: string): readonly TriggerEvent[] {
  if (!triggerEventTypes.some((type) => json.includes(`"type":"${type}"`))) return []
  const event = JSON.parse(json) as LogEvent
  return isTriggerEvent(event) ? [event] : []
}
