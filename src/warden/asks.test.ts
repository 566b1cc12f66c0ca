import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { ManualClock } from '../testing/manual-clock.js'
import { Asks } from './asks.js'
import type { Report } from './protocol.js'

const ask = { kind: 'fence' } as const

describe('what runs ask through their warden', () => {
  it('[EF6] is answered by the master, each by its id', async () => {
    const asks = new Asks(new ManualClock())
    const sent: Report[] = []
    const [first, second] = [1, 2].map((fence) => asks.ask(fence, ask, (report) => sent.push(report)))
    expect(sent).toMatchObject([
      { kind: 'ask', id: 1, fence: 1 },
      { kind: 'ask', id: 2, fence: 2 },
    ])
    asks.answered(2, { ok: true, json: '{"fence":"stale"}' })
    asks.answered(1, { ok: false, code: 'stale_fence', message: 'no', details: { a: 1 } })
    expect(await second).toBe('{"fence":"stale"}')
    await expect(first).rejects.toMatchObject({ code: 'stale_fence', details: { a: 1 } })
  })

  it('[EF6] is unknown when the answer is late or the master goes, unavailable without one', async () => {
    const clock = new ManualClock()
    const asks = new Asks(clock)
    await expect(asks.ask(1, ask, null)).rejects.toMatchObject({ code: 'unavailable' })
    const late = expect(asks.ask(1, ask, () => undefined)).rejects.toMatchObject({ code: 'outcome_unknown' })
    clock.pass(limits.runAskMs)
    await late
    const cut = expect(asks.ask(1, ask, () => undefined)).rejects.toMatchObject({ code: 'outcome_unknown' })
    asks.cut()
    await cut
  })

  it('[EF6] at most wardenAsksMax at a time', async () => {
    const asks = new Asks(new ManualClock())
    const open = Array.from({ length: limits.wardenAsksMax }, () => asks.ask(1, ask, () => undefined))
    await expect(asks.ask(1, ask, () => undefined)).rejects.toMatchObject({ code: 'resource_exhausted' })
    asks.answered(1, { ok: true, json: '1' })
    expect(await open[0]).toBe('1')
    const rest = Promise.allSettled([...open, asks.ask(1, ask, () => undefined)])
    asks.cut()
    await rest
  })
})
