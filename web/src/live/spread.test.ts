import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Spread } from './spread.js'

it('has no percentile of nothing', () => {
  expect(new Spread().percentile(0.5)).toBeNull()
})

it('a percentile is right to a tenth', () => {
  const duration = fc.integer({ min: 1, max: 30 * 24 * 3_600_000 })
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), fc.constantFrom(0.5, 0.95), (durations, share) => {
      const spread = new Spread()
      for (const ms of durations) spread.add(ms)
      const exact = [...durations].sort((a, b) => a - b)[Math.max(1, Math.ceil(durations.length * share)) - 1]
      const found = spread.percentile(share) ?? Number.NaN
      expect(Math.abs(found - (exact ?? 0))).toBeLessThanOrEqual(1 + (exact ?? 0) * 0.1)
    }),
  )
})

it('what ended before it began took no time', () => {
  const spread = new Spread()
  spread.add(-5)
  expect(spread.percentile(0.95)).toBe(0)
})
