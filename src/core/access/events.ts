import type { CredentialKind, Role } from './access.js'

export interface AccessEventBodies {
  CredentialIssued: {
    readonly credentialKind: CredentialKind
    readonly hash: string
    readonly userId: string
    readonly role: Role
    readonly expiresAtMs: number | null
  }
  CredentialExtended: { readonly expiresAtMs: number }
  /** Used up (a login code), replaced or withdrawn. */
  CredentialRevoked: { readonly reason: string }
  /** An authenticated caller was refused; kept for the audit. */
  ActRefused: { readonly action: string; readonly code: string; readonly message: string }
}
