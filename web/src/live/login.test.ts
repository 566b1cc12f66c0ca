import { describe, expect, it } from 'vitest'
import { codeInHash, keepCredential, type LoginStorage, readCredential, renewInMs } from './login.js'

class Storage implements LoginStorage {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

describe('the session of a tab', () => {
  it('is read back until it expires', () => {
    const storage = new Storage()
    keepCredential(storage, { token: 'afs_x', expiresAt: 1_000 })
    expect(readCredential(storage, 999)).toEqual({ token: 'afs_x', expiresAt: 1_000 })
    expect(readCredential(storage, 1_000)).toBeNull()
  })

  it('is nothing when there is none, or something else', () => {
    const storage = new Storage()
    expect(readCredential(storage, 0)).toBeNull()
    for (const broken of ['{', '7', '{"token":7}', '{"expiresAt":5}']) {
      storage.setItem('agentflow.session', broken)
      expect(readCredential(storage, 0)).toBeNull()
    }
  })

  it('is forgotten', () => {
    const storage = new Storage()
    keepCredential(storage, { token: 'afs_x', expiresAt: null })
    keepCredential(storage, null)
    expect(readCredential(storage, 0)).toBeNull()
  })
})

it('takes the code from the address, and only a code', () => {
  expect(codeInHash('#login=abc-_1')).toBe('abc-_1')
  expect(codeInHash('#login=')).toBeNull()
  expect(codeInHash('#other')).toBeNull()
  expect(codeInHash('')).toBeNull()
})

it('renews with a third of the life left, never sooner than in a minute, never for a token without an end', () => {
  const at = (expiresAt: number | null) => renewInMs({ token: 't', expiresAt }, 0)
  expect(at(9 * 3600_000)).toBe(6 * 3600_000)
  expect(at(3 * 3600_000)).toBe(2 * 3600_000)
  expect(at(30_000)).toBe(60_000)
  expect(at(null)).toBeNull()
})
