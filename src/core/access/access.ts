import type { CredentialId, Seq } from '../ids.js'

export type Role = 'admin' | 'developer' | 'viewer'

/** Who acts. Transports authenticate; `decide` authorises. */
export type Principal =
  | {
      readonly kind: 'user'
      readonly id: string
      readonly role: Role
      /** What the caller showed; whoever stays connected is let go when it ends. */
      readonly credentialId?: string
    }
  | { readonly kind: 'node'; readonly id: string }
  | { readonly kind: 'system'; readonly id: 'system' }

export type CredentialKind = 'token' | 'session' | 'login_code'

/** A hashed secret that stands for a user. The secret itself is never stored. */
export interface Credential {
  readonly kind: 'credential'
  readonly credentialId: CredentialId
  readonly credentialKind: CredentialKind
  /** SHA-256 of the secret, hex. */
  readonly hash: string
  readonly userId: string
  readonly role: Role
  readonly createdAtMs: number
  /** null = never. */
  readonly expiresAtMs: number | null
  readonly revoked: boolean
  readonly seq: Seq
}
