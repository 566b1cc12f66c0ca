import { beforeEach, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import { ManualClock } from '../../testing/manual-clock.js'
import { KnownUsers } from './known-users.js'

let clock: ManualClock
let users: KnownUsers
const viewer = { user: 'eve', role: 'viewer', expiresAtMs: null }
beforeEach(() => {
  clock = new ManualClock()
  users = new KnownUsers(clock)
  users.accepted('token', viewer)
})

it('[OW4] trusts a token for relayTrustMs after the last word of the leader on it', () => {
  clock.pass(limits.relayTrustMs - 1)
  expect(users.find('token')).toMatchObject(viewer)
  users.heldUntilNow('token')
  clock.pass(limits.relayTrustMs - 1)
  expect(users.find('token')).toMatchObject({ role: 'viewer' })
  clock.pass(1)
  expect(users.find('token')).toBeNull()
})

it('[OW4] not beyond its own end, and not at all once the leader refused it', () => {
  users.accepted('session', { ...viewer, expiresAtMs: clock.wallMs() + 5_000 })
  clock.pass(5_000)
  expect(users.find('session')).toBeNull()
  users.refused('token')
  expect(users.find('token')).toBeNull()
  users.heldUntilNow('token')
  expect(users.find('token')).toBeNull()
})

it('[OW4] knows the token that a renewal gave to a user it knows, and nobody else', () => {
  users.renewed('token', { token: 'next', expiresAt: clock.wallMs() + 9_000 })
  users.renewed('stranger', { token: 'other', expiresAt: clock.wallMs() + 9_000 })
  expect(users.find('next')).toMatchObject({ user: 'eve', role: 'viewer' })
  expect(users.find('other')).toBeNull()
})

it('[OW8] remembers relayTokensMax tokens, the newest', () => {
  for (let n = 0; n < limits.relayTokensMax; n += 1) users.accepted(`t${n}`, viewer)
  expect(users.find('token')).toBeNull()
  expect(users.find('t0')).not.toBeNull()
})
