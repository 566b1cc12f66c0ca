import { expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { builtInRetention } from './retention.js'

it('[RT1] what is given changes, null is the built-in bound again, and what is so already makes no event', () => {
  const rules = new Rules()
  const kept = () => rules.state.cluster?.retention ?? builtInRetention
  const eventsOf = (wish: object): number => {
    const before = rules.state.headSeq
    rules.user({ name: 'set_retention', ...wish })
    return rules.state.headSeq - before
  }
  expect(eventsOf({ journalMs: builtInRetention.journalMs })).toBe(0)
  expect(eventsOf({ journalMs: 3_600_000, lines: 50_000 })).toBe(1)
  expect(kept()).toEqual({ ...builtInRetention, journalMs: 3_600_000, lines: 50_000 })
  expect(eventsOf({ lines: null })).toBe(1)
  expect(kept()).toEqual({ ...builtInRetention, journalMs: 3_600_000 })
  expect(eventsOf({})).toBe(0)
})
