import type { LoginResult } from '../../../src/contract/session.js'

/** A session as the page keeps it; `expiresAt` is null for a pasted token, which lasts until it is revoked. */
export interface Credential {
  readonly token: string
  readonly expiresAt: number | null
}
export interface LoginStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const key = 'agentflow.session'
/** Renewal is tried when a third of the session's life is left, at the latest this often. */
const renewIntervalMsMax = 6 * 3600_000

export function readCredential(storage: LoginStorage, nowMs: number): Credential | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    if (typeof value !== 'object' || value === null || !('token' in value)) return null
    const { token } = value
    const expiresAt = 'expiresAt' in value && typeof value.expiresAt === 'number' ? value.expiresAt : null
    if (typeof token !== 'string' || (expiresAt !== null && expiresAt <= nowMs)) return null
    return { token, expiresAt }
  } catch {
    return null
  }
}

export function keepCredential(storage: LoginStorage, credential: Credential | null): void {
  if (credential === null) storage.removeItem(key)
  else storage.setItem(key, JSON.stringify(credential))
}

/** `#login=CODE` → CODE. */
export function codeInHash(hash: string): string | null {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('login')
  return code === null || code === '' ? null : code
}

/** When to renew: with a third of the life left, but never sooner than a minute from now. Null: it does not expire. */
export function renewInMs(credential: Credential, nowMs: number): number | null {
  if (credential.expiresAt === null) return null
  const left = credential.expiresAt - nowMs
  return Math.min(renewIntervalMsMax, Math.max(60_000, Math.round(left * (2 / 3))))
}

export const credentialOf = (result: LoginResult): Credential => ({
  token: result.token,
  expiresAt: result.expiresAt,
})
