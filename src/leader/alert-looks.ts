import type { Measure } from '../core/alerts/rules.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import { systemInput } from './turn-loop.js'

type Load = Readonly<Record<Measure, number>>

/**
 * Has the rules of alerts look at what changed: soon after a sample or a commit, at most each limits.alertLookMs, and not
 * at all while nothing happens. Samples are facts on that input, never events.
 */
export class AlertLooks {
  readonly #clock: Clock
  readonly #offer: (input: Input) => void
  /** Of each master the newest that no look has seen. */
  #loads = new Map<string, Load>()
  #timer: Timer | null = null
  #isStopped = false

  constructor(options: { readonly clock: Clock; readonly offer: (input: Input) => void }) {
    this.#clock = options.clock
    this.#offer = options.offer
  }

  measured(nodeId: string, { cpu, memory, disk }: Load): void {
    this.#loads.set(nodeId, { cpu, memory, disk })
    this.changed()
  }

  changed(): void {
    if (this.#isStopped || this.#timer !== null) return
    this.#timer = this.#clock.after(limits.alertLookMs, () => {
      this.#timer = null
      const loads = this.#loads
      this.#loads = new Map()
      this.#offer(systemInput({ name: 'look_at_alerts', loads }))
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#timer = null
  }
}
