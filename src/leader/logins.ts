import type { Principal } from '../core/access/access.js'
import { isLive } from '../core/access/decide.js'
import { ControlError } from '../core/errors.js'
import { bornAt } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { Random } from '../ports/random.js'
import type { TurnLoop } from './turn-loop.js'
import { systemInput } from './turn-loop.js'

/** Secrets and who they stand for. Only hashes are kept, in the log, so sessions survive a leader restart. */
export class Logins {
  readonly #state: State
  readonly #loop: TurnLoop
  readonly #random: Random

  constructor(options: { state: State; loop: TurnLoop; random: Random }) {
    this.#state = options.state
    this.#loop = options.loop
    this.#random = options.random
  }

  /** Only what was issued by a commit opens anything: an expired, revoked or unknown secret gives null. */
  authenticate(token: string): Principal | null {
    const credential = this.#state.credential(this.#random.sha256(token))
    if (credential === undefined || credential.credentialKind === 'login_code') return null
    // Its birth, not its last change: a session that is being renewed goes on.
    const isIssued = bornAt(credential.credentialId) <= this.#loop.gate.committedSeq
    if (!isIssued || !isLive(credential, this.#loop.nowMs())) return null
    const { userId, role, credentialId } = credential
    return { kind: 'user', id: userId, role, credentialId }
  }

  /** Makes the admin token known (its secret is kept by the shell, in a file only its owner reads). */
  async ensureAdmin(token: string): Promise<void> {
    if (this.#state.credential(this.#random.sha256(token)) !== undefined) return
    await this.#issue({ credentialKind: 'token', secret: token, expiresAtMs: null, replaces: null })
  }

  /** A one-time code for limits.loginCodeMs. */
  async issueLoginCode(): Promise<string> {
    const secret = this.#random.secret()
    const expiresAtMs = this.#loop.nowMs() + limits.loginCodeMs
    await this.#issue({ credentialKind: 'login_code', secret, expiresAtMs, replaces: null })
    return secret
  }

  /** [AC2] A code opens one session and no other. */
  async login(code: string): Promise<{ token: string; expiresAt: number }> {
    const hash = this.#random.sha256(code)
    const credential = this.#state.credential(hash)
    if (credential?.credentialKind !== 'login_code') {
      throw new ControlError(
        'login_code_invalid',
        'This login link is not known; start `agentflow up` again or ask an admin for a new one.',
      )
    }
    const token = `afs_${this.#random.secret()}`
    const expiresAt = this.#loop.nowMs() + limits.sessionMs
    await this.#issue({ credentialKind: 'session', secret: token, expiresAtMs: expiresAt, replaces: hash })
    return { token, expiresAt }
  }

  async renew(token: string): Promise<{ token: string; expiresAt: number }> {
    const hash = this.#random.sha256(token)
    const credential = this.#state.credential(hash)
    if (credential?.credentialKind !== 'session') {
      throw new ControlError('not_authenticated', 'Only a login session can be renewed.')
    }
    const expiresAt = this.#loop.nowMs() + limits.sessionMs
    await this.#decide(systemInput({ name: 'extend_credential', hash, expiresAtMs: expiresAt }))
    return { token, expiresAt }
  }

  #issue(options: {
    credentialKind: 'token' | 'session' | 'login_code'
    secret: string
    expiresAtMs: number | null
    replaces: string | null
  }): Promise<void> {
    const { credentialKind, secret, expiresAtMs, replaces } = options
    const hash = this.#random.sha256(secret)
    const who = { userId: 'admin', role: 'admin' as const }
    return this.#decide(
      systemInput({ name: 'issue_credential', credentialKind, hash, ...who, expiresAtMs, replaces }),
    )
  }

  #decide(input: ReturnType<typeof systemInput>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loop.offer(input, (outcome) => (outcome.ok ? resolve() : reject(outcome.error)))
    })
  }
}
