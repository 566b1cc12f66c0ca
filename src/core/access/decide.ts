import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft } from '../event.js'
import type { Command } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import type { Credential } from './access.js'

type Issue = Extract<Command, { name: 'issue_credential' }>
type Extend = Extract<Command, { name: 'extend_credential' }>

const about = (credential: Credential) => ({
  kind: 'credential' as const,
  id: credential.credentialId,
  projectId: null,
})

/** True while the secret behind it opens anything. */
export const isLive = (credential: Credential, nowMs: number): boolean =>
  !credential.revoked && (credential.expiresAtMs === null || credential.expiresAtMs > nowMs)

/** Issues a credential; with `replaces` the old one must be live and is used up in the same turn. */
export function decideIssue(state: State, command: Issue, nowMs: number): Decision {
  if (state.tables.credential.size >= limits.credentialsMax) {
    throw new ControlError('resource_exhausted', `there are ${limits.credentialsMax} live sessions already`)
  }
  const { credentialKind, hash, userId, role, expiresAtMs } = command
  const issued = draft(
    'CredentialIssued',
    { kind: 'credential', id: born, projectId: null },
    { credentialKind, hash, userId, role, expiresAtMs },
  )
  if (command.replaces === null) return done([issued])
  const old = state.credential(command.replaces)
  if (old === undefined || !isLive(old, nowMs)) {
    throw new ControlError(
      'login_code_invalid',
      'This login link is used up or too old; ask `agentflow up` or an admin for a new one.',
    )
  }
  return done([issued, draft('CredentialRevoked', about(old), { reason: 'exchanged' })])
}

export function decideExtend(state: State, command: Extend, nowMs: number): Decision {
  const credential = state.credential(command.hash)
  if (credential === undefined || !isLive(credential, nowMs)) {
    throw new ControlError('not_authenticated', 'This session is over; log in again.')
  }
  return done([draft('CredentialExtended', about(credential), { expiresAtMs: command.expiresAtMs })])
}
