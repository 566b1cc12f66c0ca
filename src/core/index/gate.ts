import type { LimitScope } from '../run-limits/limit.js'
import type { Group } from './group.js'

/** What tasks share a gate by. */
export type GateScope = LimitScope

/** Why nothing passes a gate at the moment. */
export type GateReason = 'concurrency' | 'rate' | 'capacity_paused' | 'capacity_unknown'

export const gateId = (scope: GateScope, value: string): string => `${scope}\n${value}`

/** Where tasks of one project, capacity or concurrency key pass to be placed, over all pools. */
export class Gate {
  readonly scope: GateScope
  readonly value: string
  /** Groups of tasks that wait behind it. */
  readonly #groups = new Set<Group>()
  readonly #onIdle: () => void
  #closed: GateReason | null = null

  /** `onIdle` is told when the last group behind it is gone. */
  constructor(scope: GateScope, value: string, onIdle: () => void) {
    this.scope = scope
    this.value = value
    this.#onIdle = onIdle
  }

  /** null = open. */
  get closed(): GateReason | null {
    return this.#closed
  }

  /** Costs O(log n) per group behind it when it opens or closes, and nothing otherwise. */
  set(closed: GateReason | null): void {
    const flips = (closed === null) !== (this.#closed === null)
    this.#closed = closed
    if (flips) for (const group of this.#groups) group.gateChanged()
  }

  join(group: Group): void {
    this.#groups.add(group)
  }

  leave(group: Group): void {
    if (this.#groups.delete(group) && this.#groups.size === 0) this.#onIdle()
  }
}
