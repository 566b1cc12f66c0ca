import { ControlError, type ErrorBody } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { JsonBytes } from '../ports/control-plane.js'
import type { ToolCall, ToolOutcome } from '../ports/tool-calls.js'
import type { Uplink } from './uplink.js'

interface Pending {
  readonly timer: Timer
  settle(outcome: ToolOutcome): void
}

/** Calls of tools at the leader that wait for their answers: at most limits.nodeCallsMax. */
export class LeaderCalls {
  readonly #clock: Clock
  readonly #uplink: Pick<Uplink, 'traffic'>
  readonly #isLive: () => boolean
  readonly #pending = new Map<number, Pending>()
  #nonce = 0

  constructor(options: { clock: Clock; uplink: Pick<Uplink, 'traffic'>; isLive: () => boolean }) {
    this.#clock = options.clock
    this.#uplink = options.uplink
    this.#isLive = options.isLive
  }

  call(call: ToolCall): Promise<JsonBytes> {
    if (!this.#isLive()) return Promise.reject(noLeader('There is no leader at the moment.'))
    if (this.#pending.size >= limits.nodeCallsMax) {
      const message = `${limits.nodeCallsMax} calls of this master wait for the leader already.`
      return Promise.reject(new ControlError('resource_exhausted', message))
    }
    this.#nonce += 1
    const nonce = this.#nonce
    return new Promise((resolve, reject) => {
      const settle = (outcome: ToolOutcome): void => {
        this.#pending.get(nonce)?.timer.cancel()
        this.#pending.delete(nonce)
        if (outcome.ok) resolve(outcome.json)
        else reject(errorOf(outcome.error))
      }
      const timer = this.#clock.after(limits.leaderCallMs + call.waitMs, () =>
        settle(failed('outcome_unknown', 'The leader has not answered in time.')),
      )
      this.#pending.set(nonce, { timer, settle })
      this.#uplink.traffic({ kind: 'call', nonce, ...call })
    })
  }

  answered(nonce: number, outcome: ToolOutcome): void {
    this.#pending.get(nonce)?.settle(outcome)
  }

  /** The link is gone, and what was asked over it may or may not have been done. */
  closed(): void {
    for (const { settle } of [...this.#pending.values()])
      settle(failed('outcome_unknown', 'The link to the leader broke before it answered.'))
  }
}

const noLeader = (message: string): ControlError => new ControlError('unavailable', message)

const errorOf = ({ code, message, details }: ErrorBody['error']): ControlError =>
  new ControlError(code, message, { details: { ...details } })

const failed = (code: 'outcome_unknown', message: string): ToolOutcome => ({
  ok: false,
  error: new ControlError(code, message).toBody().error,
})
