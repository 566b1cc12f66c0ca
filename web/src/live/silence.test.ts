import { expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { Silence } from './silence.js'

const after = (...gapsMs: readonly number[]): Silence => {
  const silence = new Silence()
  let nowMs = 0
  silence.news(nowMs)
  for (const gapMs of gapsMs) {
    nowMs += gapMs
    silence.news(nowMs)
  }
  return silence
}

it('[WV10] silence is asked about soon where news come often, and seldom on an idle link', () => {
  expect(new Silence().normalMs).toBe(bounds.quietMs)
  expect(after(1_000, 1_000).normalMs).toBe(bounds.quietMs)
  expect(after(1_000, 2_000, 1_000, 1_000).normalMs).toBe(6_000)
  expect(after(10, 10, 10, 10).normalMs).toBe(bounds.quietMsMin)
  expect(after(30_000, 30_000, 30_000, 30_000).normalMs).toBe(bounds.quietMs)
})

it('an answer that there is nothing new makes the silence a normal one', () => {
  const silence = after(10, 10, 10, 10)
  silence.confirmed(40 + 4_000)
  expect(silence.normalMs).toBe(12_000)
  silence.reset()
  expect(silence.normalMs).toBe(bounds.quietMs)
})
