import { expect, it } from 'vitest'
import { newestSlots } from './newest-slots.js'

/** Slots every so many ms, counting how often it is asked. */
function every(ms: number) {
  const counted = { calls: 0 }
  const next = (afterMs: number): number => {
    counted.calls += 1
    return (Math.floor(afterMs / ms) + 1) * ms
  }
  return { next, counted }
}

it('gives all slots of a short time, the first included', () => {
  expect(newestSlots(every(1_000).next, { fromMs: 1_000, throughMs: 3_500, max: 100 })).toEqual([
    1_000, 2_000, 3_000,
  ])
})

it('gives the newest of many', () => {
  expect(newestSlots(every(1_000).next, { fromMs: 1_000, throughMs: 500_000, max: 2 })).toEqual([
    499_000, 500_000,
  ])
})

it('gives the one slot that is due', () => {
  expect(newestSlots(() => null, { fromMs: 7, throughMs: 7, max: 1 })).toEqual([7])
})

it('asks no more often after a month than the newest slots need', () => {
  const month = 30 * 24 * 3_600_000
  const { next, counted } = every(1_000)
  const slots = newestSlots(next, { fromMs: 1_000, throughMs: month, max: 100 })
  expect(slots).toHaveLength(100)
  expect(slots.at(-1)).toBe(month)
  expect(counted.calls).toBeLessThan(500)
})

it('finds rare slots of long ago', () => {
  const year = 365 * 24 * 3_600_000
  const slots = newestSlots(every(year).next, { fromMs: year, throughMs: 5 * year, max: 3 })
  expect(slots).toEqual([3 * year, 4 * year, 5 * year])
})
