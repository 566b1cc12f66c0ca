import { expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { aTask } from './fixture.js'
import { LatencyBook } from './latency.js'
import type { Task } from './protocol.js'

const minute = 60_000
const ended = (
  at: number,
  waitedMs: number,
  ranMs: number,
  status: 'completed' | 'cancelled' = 'completed',
): Task =>
  aTask(`t${at}`, {
    status,
    phase: status === 'completed' ? 'succeeded' : 'cancelled',
    createdAt: at - waitedMs - ranMs,
    startedAt: at - ranMs,
    completedAt: at,
  })

it('tells by minute how long tasks waited and ran, each end once', () => {
  const book = new LatencyBook()
  for (let index = 0; index < 19; index += 1) book.note(undefined, ended(minute + index, 100, 1_000))
  const slow = ended(minute + 50, 5_000, 60_000)
  book.note(undefined, slow)
  book.note(slow, { ...slow, progress: 1 })
  book.note(undefined, ended(minute + 51, 9, 9, 'cancelled'))
  const [only, ...others] = book.minutes()
  expect(others).toEqual([])
  expect(only?.atMs).toBe(minute)
  expect(only?.waited.p50).toBeGreaterThan(90)
  expect(only?.waited.p50).toBeLessThan(110)
  expect(only?.ran.p95).toBeLessThan(1_100)
  book.note(undefined, ended(minute + 60, 5_000, 60_000))
  expect(book.minutes()[0]?.ran.p95).toBeGreaterThan(54_000)
})

it('holds the last hour, however long it runs', () => {
  const book = new LatencyBook()
  for (let index = 1; index < 300; index += 1) book.note(undefined, ended(index * minute, 1, 1))
  expect(book.minutes()).toHaveLength(bounds.riverMinutes)
  book.rebuild([ended(9 * minute, 1, 1)])
  expect(book.minutes().map(({ atMs }) => atMs)).toEqual([9 * minute])
})
