import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { StallWatch } from './stall-watch.js'

const limitMs = 10_000

/** Plays `step` each second from 0 on; returns the second at which each verdict began. */
function play(seconds: number, step: (watch: StallWatch, nowMs: number, second: number) => void): string[] {
  const watch = new StallWatch(limitMs, 0)
  const changes: string[] = []
  let last: string | null = null
  for (let second = 0; second <= seconds; second += 1) {
    step(watch, second * 1000, second)
    const verdict = watch.verdict(second * 1000)
    if (verdict !== last) changes.push(`${verdict ?? 'fine'} at ${second}`)
    last = verdict
  }
  return changes
}

const prints = (watch: StallWatch, text: string, nowMs: number): void => {
  watch.active(nowMs)
  watch.line(text, nowMs)
}

describe('silent', () => {
  it('[SL1] begins when there was no output and no CPU for the limit', () => {
    expect(play(30, () => undefined)).toEqual(['silent at 10'])
  })

  it('[SL5] ends with the next output', () => {
    const changes = play(30, (watch, nowMs, second) => {
      if (second === 12) prints(watch, 'back', nowMs)
    })
    expect(changes).toEqual(['silent at 10', 'fine at 12', 'silent at 22'])
  })

  it('[SL6] a busy silent program is not silent', () => {
    expect(play(60, (watch, nowMs, second) => watch.cpu(second * limits.stallCpuMs, nowMs))).toEqual([])
  })

  it('a program that only wakes up now and then is silent', () => {
    expect(play(30, (watch, nowMs, second) => watch.cpu(second * 3, nowMs))).toEqual(['silent at 10'])
  })

  it('a look between two seconds does not make a little CPU look like work', () => {
    const watch = new StallWatch(limitMs, 0)
    for (let ms = 0; ms <= limitMs; ms += 50) watch.cpu(ms / 100, ms)
    expect(watch.verdict(limitMs)).toBe('silent')
  })
})

describe('repeated line', () => {
  it('[SL2] begins when the same line came often and nothing new for the limit', () => {
    const changes = play(30, (watch, nowMs) => {
      prints(watch, 'retrying', nowMs)
      prints(watch, 'retrying', nowMs + 500)
    })
    expect(changes).toEqual(['repeated_line at 10'])
  })

  it('[SL2] also when a few lines take turns', () => {
    const changes = play(30, (watch, nowMs) => {
      for (const part of ['connect', 'refused', 'wait']) prints(watch, part, nowMs)
      for (const part of ['connect', 'refused', 'wait']) prints(watch, part, nowMs + 500)
    })
    expect(changes).toEqual(['repeated_line at 10'])
  })

  it('[SL5] ends with a line that is new', () => {
    const changes = play(15, (watch, nowMs, second) => {
      prints(watch, 'retrying', nowMs)
      prints(watch, second === 13 ? 'connected' : 'retrying', nowMs + 500)
    })
    expect(changes).toEqual(['repeated_line at 10', 'fine at 13'])
  })

  it('[SL6] a slow regular printer of one line is fine', () => {
    const changes = play(120, (watch, nowMs, second) => {
      if (second % 2 === 0) prints(watch, 'alive', nowMs)
    })
    expect(changes).toEqual([])
  })

  it('[SL6] a fast printer of different lines is fine', () => {
    const changes = play(60, (watch, nowMs, second) => {
      for (let n = 0; n < 5; n += 1) prints(watch, `step ${second}.${n}`, nowMs)
    })
    expect(changes).toEqual([])
  })

  it('empty lines say nothing', () => {
    const changes = play(9, (watch, nowMs) => {
      for (let n = 0; n < 50; n += 1) prints(watch, '  ', nowMs)
    })
    expect(changes).toEqual([])
  })
})

it('says when the next verdict may come', () => {
  const watch = new StallWatch(limitMs, 0)
  expect(watch.dueMs(0)).toBe(limitMs)
  watch.active(4_000)
  expect(watch.dueMs(4_000)).toBe(limitMs)
  expect(watch.dueMs(limitMs)).toBe(14_000)
  expect(watch.dueMs(20_000)).toBe(Number.POSITIVE_INFINITY)
})
