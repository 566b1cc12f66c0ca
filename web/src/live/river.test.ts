import { describe, expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { aTask, running } from './fixture.js'
import type { Task } from './protocol.js'
import { emptyInMs, failedSince, paceOf, RiverBook } from './river.js'

const minute = 60_000
const ended = (taskId: string, completedAt: number, status: 'completed' | 'failed' = 'completed'): Task =>
  aTask(taskId, { status, phase: status === 'failed' ? 'exit' : 'succeeded', workerId: 'm', completedAt })

describe('[WV3] the time river', () => {
  it('counts each end once, in its minute', () => {
    const book = new RiverBook()
    book.note(running('t'), ended('t', minute + 5))
    book.note(ended('t', minute + 5), { ...ended('t', minute + 5), progress: 1 })
    book.note(undefined, ended('u', minute + 9, 'failed'))
    book.note(undefined, running('v'))
    expect(book.river().minutes).toEqual([{ atMs: minute, completed: 1, failed: 1, cancelled: 0 }])
    expect(failedSince(book.river(), minute)).toBe(1)
    expect(failedSince(book.river(), minute + 1)).toBe(0)
  })

  it('holds the last hour, however long it runs', () => {
    const book = new RiverBook()
    for (let index = 0; index < 500; index += 1) book.note(undefined, ended(`t${index}`, index * minute))
    const { minutes } = book.river()
    expect(minutes).toHaveLength(bounds.riverMinutes)
    expect(minutes.at(-1)?.atMs).toBe(499 * minute)
  })

  it('knows from a cut picture how far back it reaches', () => {
    const book = new RiverBook()
    book.rebuild([ended('t', 9 * minute), ended('u', 7 * minute + 3)], true)
    expect(book.river()).toMatchObject({ knownFromMs: 7 * minute + 3 })
    book.rebuild([ended('t', 9 * minute)], false)
    expect(book.river()).toMatchObject({ knownFromMs: null, minutes: [{ completed: 1 }] })
  })
})

describe('[WV4] time to empty', () => {
  it('follows the pace of the last minutes', () => {
    const book = new RiverBook()
    for (let index = 0; index < 10; index += 1) book.note(undefined, ended(`t${index}`, index * 6_000))
    const pace = book.paces().m
    expect(pace).toEqual({ ended: 10, fromMs: 0 })
    expect(emptyInMs(20, pace, minute)).toBe(2 * minute)
    expect(emptyInMs(20, paceOf(book.river(), minute), minute)).toBe(2 * minute)
    expect(emptyInMs(0, undefined, minute)).toBe(0)
  })

  it('is not told when nothing ended of late', () => {
    expect(emptyInMs(3, undefined, minute)).toBeNull()
    expect(emptyInMs(3, { ended: 5, fromMs: 0 }, 31 * minute)).toBeNull()
  })

  it('counts only the last minutes of each master', () => {
    const book = new RiverBook()
    book.note(undefined, ended('old', 0))
    book.note(undefined, ended('new', 20 * minute))
    expect(book.paces().m).toEqual({ ended: 1, fromMs: 20 * minute })
  })
})
