import { expect, it } from 'vitest'
import { drawRiver, instantAt } from './river-drawing.js'

const minute = 60_000
const nowMs = 100 * minute + 30_000

it('[WV3] the river is drawn over the last hour: bars against the tallest, failures as marks with their count', () => {
  const drawing = drawRiver(
    {
      minutes: [
        { atMs: 10 * minute, completed: 99, failed: 9, cancelled: 0 },
        { atMs: 71 * minute, completed: 1, failed: 0, cancelled: 1 },
        { atMs: 100 * minute, completed: 4, failed: 2, cancelled: 0 },
      ],
      knownFromMs: 56 * minute,
    },
    nowMs,
  )
  expect(drawing).toMatchObject({
    fromMs: 41 * minute,
    untilMs: 101 * minute,
    done: 5,
    failed: 2,
    unknown: 0.25,
  })
  expect(drawing.bars.map(({ x, height }) => [x, height])).toEqual([
    [0.5, 0.5],
    [59 / 60, 1],
  ])
  expect(drawing.failures).toEqual([{ atMs: 100 * minute, x: 59.5 / 60, count: 2 }])
})

it('a place in the river is an instant, never after now', () => {
  const drawing = drawRiver({ minutes: [], knownFromMs: null }, nowMs)
  expect(instantAt(drawing, 0.5, nowMs)).toBe(71 * minute)
  expect(instantAt(drawing, 1, nowMs)).toBe(nowMs)
  expect(instantAt(drawing, -1, nowMs)).toBe(41 * minute)
})
