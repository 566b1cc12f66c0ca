import { toTaskSpec } from '../../contract/catalogue.js'
import type { LogEvent } from '../../core/event.js'
import { SimCalls, type SimGuest, type SimGuestOptions } from './sim-guest.js'

/** A machine that runs this loses its power a moment later. */
export const poison = 'sim:forever:text=poison'

const attemptsMax = 9

/** Submits one task that takes down every machine which it runs on. */
export class SimPoison implements SimGuest {
  readonly #options: SimGuestOptions
  readonly #calls: SimCalls
  #taskId: string | null = null
  /** Runs that took their machine down. */
  readonly #downs = new Set<number>()
  #outcome = ''

  constructor(options: SimGuestOptions) {
    this.#options = options
    this.#calls = new SimCalls(options, 'poisoner')
  }

  begin(withinMs: number): void {
    const { clock, random } = this.#options
    const { spec } = toTaskSpec(
      {
        type: 'command',
        name: 'poison',
        payload: { command: poison },
        retry: { attemptsMax, on: ['lost'], backoffMs: 10 },
        leaseClass: random.pick(['steady', 'strict']),
      },
      'poison',
    )
    const request = { command: { name: 'submit_task' as const, spec }, projectId: 'default' }
    clock.after(random.between(0, withinMs), () =>
      this.#calls.untilKnown((plane, caller) => plane.execute(caller, request)),
    )
  }

  take(event: LogEvent): void {
    if (event.type === 'TaskSubmitted' && event.body.spec.name === 'poison') this.#taskId = event.entity.id
    if (event.entity.id === this.#taskId && event.type === 'TaskFinished') this.#outcome = event.body.outcome
  }

  get unrest(): string | null {
    return this.#calls.open === 0 ? null : 'the poison was never taken'
  }

  /** Its machine lost its power while it ran. */
  tookDown(fence: number): void {
    this.#downs.add(fence)
  }

  /** [DD2] Two attempts at most, and never a third; fewer when a master was away for long by another cause. */
  check(): void {
    if (this.#downs.size > 2 || this.#outcome !== 'dead_letter')
      this.#options.fail(
        'DD2',
        `a poison task took ${this.#downs.size} masters down and ended as ${this.#outcome}`,
      )
  }
}
