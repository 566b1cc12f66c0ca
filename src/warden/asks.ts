import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { RunAsk } from '../ports/task-host.js'
import type { Report, Request } from './protocol.js'

type Outcome = Extract<Request, { kind: 'answer' }>['outcome']

interface Pending {
  readonly timer: Timer
  settle(outcome: Outcome): void
}

/** What runs ask of the leader through the master of the hour: at most limits.wardenAsksMax, each limits.runAskMs at most. */
export class Asks {
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `send` is null while no master is there that answers such questions. */
  ask(fence: number, ask: RunAsk, send: ((report: Report) => void) | null): Promise<string> {
    if (send === null) {
      const message = 'The master of this task is away, or of a release that does not ask for its runs.'
      return Promise.reject(new ControlError('unavailable', message))
    }
    if (this.#pending.size >= limits.wardenAsksMax) {
      const message = `${limits.wardenAsksMax} calls of runs here wait for the leader already.`
      return Promise.reject(new ControlError('resource_exhausted', message))
    }
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        this.#pending.get(id)?.timer.cancel()
        this.#pending.delete(id)
        if (outcome.ok) resolve(outcome.json)
        else reject(new ControlError(outcome.code, outcome.message, { details: outcome.details }))
      }
      const late = unknown('The leader has not answered in time.')
      const timer = this.#clock.after(limits.runAskMs, () => settle(late))
      this.#pending.set(id, { timer, settle })
      send({ kind: 'ask', id, fence, ask })
    })
  }

  answered(id: number, outcome: Outcome): void {
    this.#pending.get(id)?.settle(outcome)
  }

  /** The master is gone, and what it was asked may or may not have been done. */
  cut(): void {
    for (const { settle } of [...this.#pending.values()]) {
      settle(unknown('The master went away before the leader answered.'))
    }
  }
}

const unknown = (message: string): Outcome => ({ ok: false, code: 'outcome_unknown', message, details: {} })
