import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { RetiredKeys } from './retired-keys.js'

it('[ID4] says yes to every key until all are loaded, then to those that it was told', () => {
  const keys = new RetiredKeys()
  keys.load('ann', 'old')
  keys.add('ann', 'new')
  expect(keys.mayHold('bob', 'any')).toBe(true)
  keys.loaded()
  expect(['old', 'new', 'any'].map((key) => keys.mayHold('ann', key))).toEqual([true, true, false])
  expect(keys.mayHold('bob', 'old')).toBe(false)
})

it('[ID2] forgets the oldest beyond the limit: what retired while it loaded is newer than what is loaded', () => {
  const keys = new RetiredKeys()
  keys.add('ann', 'newest')
  for (let n = 0; n < limits.retiredKeysKept; n += 1) keys.load('ann', `${n}`)
  keys.loaded()
  expect(['0', '1', 'newest'].map((key) => keys.mayHold('ann', key))).toEqual([false, true, true])
  keys.load('ann', '1')
  keys.add('ann', 'one more')
  expect(['1', '2', 'one more'].map((key) => keys.mayHold('ann', key))).toEqual([true, false, true])
})
