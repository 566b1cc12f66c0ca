import { describe, expect, it } from 'vitest'
import { linkedMaster, requestOf, signalOf } from '../testing/master-fixture.js'
import type { ScriptedDial } from '../testing/scripted-dialer.js'

describe('the stall watch', () => {
  const stallOf = (dial: ScriptedDial) =>
    dial.durable
      .map(({ update }) => update)
      .filter((update) => update.kind === 'stall' || update.kind === 'stall_cleared')

  it('[SL4] raises a silent run within its limit and a second, with evidence', async () => {
    const { dial, pass, clock } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:lines=1:forever', { stallAfterMs: 2_500 }))
    const startMs = clock.wallMs()
    await pass(2_490)
    expect(stallOf(dial)).toEqual([])
    await pass(20)
    expect(stallOf(dial)).toMatchObject([
      {
        stall: { kind: 'silent', lines: ['line 1'] },
        evidence: { lines: ['line 1'], processes: [{ command: 'sim' }] },
      },
    ])
    const raised = dial.durable.find(({ update }) => update.kind === 'stall')
    expect((raised?.atMs ?? 0) - startMs).toBeLessThanOrEqual(3_500)
  })

  it('[SL5] clears by itself, and raises again', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:every=3000:forever', { stallAfterMs: 2_000 }))
    await pass(5_500)
    expect(stallOf(dial).map(({ kind }) => kind)).toEqual(['stall', 'stall_cleared', 'stall'])
  })

  it('[SL3] tells whoever waits for input, when input is open', async () => {
    const { dial, pass } = await linkedMaster()
    const payload = { command: 'sim:reads:forever', stdinOpen: true }
    dial.say(
      requestOf(1, 1, '', { payload, stallAfterMs: 2_000 }),
      requestOf(2, 2, 'sim:reads:forever', { stallAfterMs: 2_000 }),
    )
    await pass(2_500)
    expect(stallOf(dial).map((update) => update.kind === 'stall' && update.stall.kind)).toEqual([
      'waiting_input',
      'silent',
    ])
  })

  it('[SL2] tells a line that is printed again and again', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:text=again:every=100:forever', { stallAfterMs: 3_000 }))
    await pass(4_000)
    expect(stallOf(dial)).toMatchObject([{ stall: { kind: 'repeated_line' } }])
  })

  it('[SL6] leaves busy programs and slow printers alone', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(
      requestOf(1, 1, 'sim:busy:forever', { stallAfterMs: 2_000 }),
      requestOf(2, 2, 'sim:text=tick:every=1500:forever', { stallAfterMs: 2_000 }),
      requestOf(3, 3, 'sim:forever', { stallAfterMs: 0 }),
    )
    await pass(20_000)
    expect(stallOf(dial)).toEqual([])
  })

  it('[SL7] a paused run does not stall, and its stall is cleared by the pause', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever', { stallAfterMs: 2_000 }))
    await pass(2_500)
    dial.say(signalOf(2, 1, 'pause'))
    await pass(10_000)
    expect(stallOf(dial).map(({ kind }) => kind)).toEqual(['stall', 'stall_cleared'])
    dial.say(signalOf(3, 1, 'resume'))
    await pass(1_900)
    expect(stallOf(dial)).toHaveLength(2)
    await pass(200)
    expect(stallOf(dial)).toHaveLength(3)
  })
})
