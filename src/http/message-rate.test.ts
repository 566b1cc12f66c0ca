import { expect, it } from 'vitest'
import { MessageRate } from './message-rate.js'

it('lets a burst through, then holds to the rate', () => {
  const rate = new MessageRate({ perSecond: 10, nowMs: 0 })
  for (let sent = 0; sent < 10; sent++) expect(rate.take(0)).toBe(0)
  expect(rate.take(0)).toBe(100)
  expect(rate.take(0)).toBe(200)
  expect(rate.take(300)).toBe(0)
})

it('saves up no more than one second', () => {
  const rate = new MessageRate({ perSecond: 10, nowMs: 0 })
  for (let sent = 0; sent < 10; sent++) expect(rate.take(60_000)).toBe(0)
  expect(rate.take(60_000)).toBe(100)
})
