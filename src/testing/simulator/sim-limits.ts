import type { LogEvent } from '../../core/event.js'
import { everyKey, limitIdOf } from '../../core/ids.js'
import type { LimitAction } from '../../core/input.js'
import type { LimitScope } from '../../core/run-limits/limit.js'
import type { CommandRequest } from '../../ports/control-plane.js'
import { LimitChecker } from './limit-checker.js'
import { SimCalls, type SimGuest, type SimGuestOptions } from './sim-guest.js'

/** The capacity that tasks of these worlds may ask for. */
export const simCapacity = 'api'

/** Limits the runs of keys and of a capacity, sets them anew, pauses and resumes; lifts all in the end. */
export class SimLimits implements SimGuest {
  readonly #options: SimGuestOptions
  readonly #calls: SimCalls
  readonly #checker: LimitChecker
  #isHealed = false

  constructor(options: SimGuestOptions) {
    this.#options = options
    this.#calls = new SimCalls(options, 'limiter')
    this.#checker = new LimitChecker(options.fail)
  }

  begin(withinMs: number): void {
    const { clock, random } = this.#options
    this.#set('capacity', simCapacity)
    for (let acts = random.int(2, 8); acts > 0; acts -= 1)
      clock.after(random.between(0, 2 * withinMs), () => {
        if (!this.#isHealed) this.#act()
      })
  }

  take(event: LogEvent): void {
    this.#checker.take(event)
  }

  heal(): void {
    this.#isHealed = true
    this.#lift()
  }

  get unrest(): string | null {
    return this.#calls.open === 0 ? null : `${this.#calls.open} calls about limits were never answered`
  }

  #act(): void {
    const { random } = this.#options
    const act = random.pick(['key', 'every key', 'capacity', 'pause', 'resume', 'delete'] as const)
    if (act === 'key') this.#set('key', 'a')
    else if (act === 'every key') this.#set('key', everyKey)
    else if (act === 'capacity') this.#set('capacity', simCapacity)
    else if (act === 'delete') this.#change(limitIdOf('key', 'a'), 'delete')
    else this.#change(limitIdOf('capacity', simCapacity), act)
  }

  #set(scope: LimitScope, value: string, runsMax: number | null = this.#options.random.int(0, 3)): void {
    this.#call({ name: 'set_limit', scope, value, runsMax, rate: null })
  }

  #change(limitId: string, action: LimitAction): void {
    this.#call({ name: 'change_limit', limitId, action })
  }

  /** What was asked before may still come: it is lifted again until nothing is open. */
  #lift(): void {
    this.#change(limitIdOf('key', 'a'), 'delete')
    this.#change(limitIdOf('key', everyKey), 'delete')
    this.#set('capacity', simCapacity, null)
    this.#change(limitIdOf('capacity', simCapacity), 'resume')
    this.#options.clock.after(15_000, () => {
      if (this.#checker.isLimited) this.#lift()
    })
  }

  #call(command: CommandRequest): void {
    this.#calls.untilKnown(
      (plane, caller) => plane.execute(caller, { command, projectId: 'default' }),
      (code) => code === 'limit_not_found',
    )
  }
}
