import { fromUnknown } from '../../core/errors.js'
import type { LogEvent } from '../../core/event.js'
import type { Caller, ControlPlane } from '../../ports/control-plane.js'
import type { Fail } from './log-checker.js'
import type { Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import type { WallServer } from './sim-wall.js'

/** A user who is there in some worlds only, with what holds the log to the promises made to it. */
export interface SimGuest {
  /** Spreads its work over the next `withinMs`. */
  begin(withinMs: number): void
  /** Everything that became durable, in order. */
  take(event: LogEvent): void
  /** Nothing fails from here on: it makes nothing more, and stands in nobody's way. */
  heal?(): void
  /** What it still waits for; null = nothing. */
  readonly unrest: string | null
  /** When all is at rest. */
  check?(): void
}

export interface SimGuestOptions {
  readonly clock: SimClock
  readonly random: Seeded
  readonly fail: Fail
  readonly server: () => WallServer | null
}

const againMs = 3_000
const passing: readonly string[] = ['unavailable', 'resource_exhausted']

/** Calls that are made again until a leader answers. */
export class SimCalls {
  readonly #options: SimGuestOptions
  readonly #caller: Caller
  #open = 0

  constructor(options: SimGuestOptions, user: string) {
    this.#options = options
    this.#caller = { principal: { kind: 'user', id: user, role: 'admin' }, via: 'rest', traceId: user }
  }

  /** How many have no answer yet. */
  get open(): number {
    return this.#open
  }

  /** `isDone`: refusals that say that it was done before. */
  untilKnown(
    ask: (plane: ControlPlane, caller: Caller) => Promise<unknown>,
    isDone: (code: string) => boolean = () => false,
  ): void {
    const { clock, server, fail } = this.#options
    this.#open += 1
    let isKnown = false
    const known = (): void => {
      if (!isKnown) this.#open -= 1
      isKnown = true
    }
    const refused = (thrown: unknown): void => {
      const { code, message } = fromUnknown(thrown)
      if (isDone(code)) known()
      else if (!passing.includes(code)) fail('G1', `${this.#caller.traceId} is refused: ${message}`)
    }
    const call = (): void => {
      const at = server()
      at?.process.run(() => {
        ask(at.leader.plane, this.#caller).then(
          () => at.process.run(known),
          (thrown: unknown) => at.process.run(() => refused(thrown)),
        )
      })
      clock.after(againMs, () => {
        if (!isKnown) call()
      })
    }
    call()
  }
}
