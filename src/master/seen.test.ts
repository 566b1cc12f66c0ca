import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { Seen } from './seen.js'

it('remembers the newest keys, and counts one that came again as new', () => {
  const seen = new Seen<number, string>()
  for (let key = 0; key < limits.masterSeenMax; key += 1) seen.set(key, `first ${key}`)
  seen.set(0, 'again')
  expect([seen.get(0), seen.get(1)]).toEqual(['again', 'first 1'])

  for (let key = 1; key <= 3; key += 1) seen.set(-key, 'new')
  expect([1, 2, 3].map((key) => seen.has(key))).toEqual([false, false, false])
  expect([0, 4, -1, -2, -3].every((key) => seen.has(key))).toBe(true)

  for (let key = 4; key < limits.masterSeenMax; key += 1) seen.set(-key, 'newer')
  expect([4, limits.masterSeenMax - 1].some((key) => seen.has(key))).toBe(false)
  expect(seen.get(0)).toBe('again')
  seen.set(-limits.masterSeenMax, 'newest')
  expect([seen.has(0), seen.has(-1)]).toEqual([false, true])
})
