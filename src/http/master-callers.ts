import { createHash } from 'node:crypto'
import { limits } from '../core/limits.js'
import type { CallLeader } from '../ports/tool-calls.js'

/**
 * Who may use a master's own server: the users of its leader, which the leader is asked for each token. Its word holds
 * for limits.tokenTrustMs, so that a token that was withdrawn opens nothing for longer, and a scrape costs a call at most.
 */
export class MasterCallers {
  readonly #callLeader: CallLeader
  readonly #nowMs: () => number
  /** Until when a token is believed, by its hash; in the order of asking. */
  readonly #known = new Map<string, number>()

  constructor(callLeader: CallLeader, nowMs: () => number) {
    this.#callLeader = callLeader
    this.#nowMs = nowMs
  }

  /** Rejects with `not_authenticated`, or `unavailable` when nobody can be asked. */
  async check(token: string): Promise<void> {
    const hash = createHash('sha256').update(token).digest('base64')
    if ((this.#known.get(hash) ?? 0) > this.#nowMs()) return
    this.#known.delete(hash)
    await this.#callLeader({ token, tool: 'whoami', argsJson: '', waitMs: 0, idempotencyKey: null })
    this.#known.set(hash, this.#nowMs() + limits.tokenTrustMs)
    const [oldest] = this.#known.keys()
    if (this.#known.size > limits.tokensKept && oldest !== undefined) this.#known.delete(oldest)
  }
}
