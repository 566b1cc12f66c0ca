import { createHash } from 'node:crypto'
import { limits } from '../../core/limits.js'
import type { Clock } from '../../ports/clock.js'

/** Who a leader said that a token is. */
export interface KnownUser {
  readonly user: string
  readonly role: string
  /** Unix ms; null = it does not end by itself. */
  readonly expiresAtMs: number | null
}

/**
 * Tokens that the leader took, as hashes in memory only: they open this master's wall without it for limits.relayTrustMs
 * after its last word, and not beyond their own end. At most limits.relayTokensMax.
 */
export class KnownUsers {
  readonly #clock: Clock
  /** In the order of the leader's last word. */
  readonly #known = new Map<string, KnownUser & { readonly untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  accepted(token: string, user: KnownUser): void {
    const hash = hashOf(token)
    this.#known.delete(hash)
    this.#known.set(hash, { ...user, untilMs: this.#clock.monotonicMs() + limits.relayTrustMs })
    const [oldest] = this.#known.keys()
    if (this.#known.size > limits.relayTokensMax && oldest !== undefined) this.#known.delete(oldest)
  }

  /** The leader held on to this user until now. */
  heldUntilNow(token: string): void {
    const known = this.#known.get(hashOf(token))
    if (known !== undefined) this.accepted(token, known)
  }

  /** The same user goes on under another token. */
  renewed(token: string, now: { readonly token: string; readonly expiresAt: number }): void {
    const known = this.#known.get(hashOf(token))
    if (known !== undefined) this.accepted(now.token, { ...known, expiresAtMs: now.expiresAt })
  }

  refused(token: string): void {
    this.#known.delete(hashOf(token))
  }

  find(token: string): KnownUser | null {
    const known = this.#known.get(hashOf(token))
    if (known === undefined || known.untilMs <= this.#clock.monotonicMs()) return null
    return known.expiresAtMs !== null && known.expiresAtMs <= this.#clock.wallMs() ? null : known
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64')
