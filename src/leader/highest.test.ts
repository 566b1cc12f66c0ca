import fc from 'fast-check'
import { expect, it } from 'vitest'
import { highest } from './highest.js'

it('gives what a whole sort would give', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 20 }), (ranks, max) => {
      const sorted = [...ranks].sort((a, b) => b - a).slice(0, max)
      expect(highest(ranks, max, (rank) => rank)).toEqual(sorted)
    }),
  )
})

it('cuts what it holds on the way, in whatever order the items come', () => {
  const count = 20_000
  for (const rankOf of [(n: number) => n, (n: number) => -n, (n: number) => (n * 7_919) % count]) {
    const items = Array.from({ length: count }, (_, n) => n)
    const sorted = [...items].sort((a, b) => rankOf(b) - rankOf(a)).slice(0, 5)
    expect(highest(items, 5, rankOf)).toEqual(sorted)
  }
  expect(highest([1, 2], 5, () => Number.NEGATIVE_INFINITY)).toEqual([])
})
