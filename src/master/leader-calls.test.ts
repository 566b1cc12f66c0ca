import { describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { ToolCall } from '../ports/tool-calls.js'
import { linkedMaster, startMasterFixture } from '../testing/master-fixture.js'

const call: ToolCall = { token: 'afp_a', tool: 'stats', argsJson: '', waitMs: 0, idempotencyKey: null }
const ok = (nonce: number, json: string) => ({
  kind: 'answer' as const,
  nonce,
  outcome: { ok: true as const, json },
})

describe('calls through a master', () => {
  it('[MH2] give what the leader answers to each, in any order', async () => {
    const { dial, master, pass } = await linkedMaster()
    const [first, second] = [master.call(call), master.call({ ...call, tool: 'whoami' })]
    await pass(1)
    const sent = dial.updates.flatMap((update) => (update.kind === 'call' ? [update] : []))
    expect(sent.map(({ tool, token }) => [tool, token])).toEqual([
      ['stats', 'afp_a'],
      ['whoami', 'afp_a'],
    ])
    const error = new ControlError('forbidden', 'no').toBody().error
    dial.say(
      { kind: 'answer', nonce: sent[1]?.nonce ?? 0, outcome: { ok: false, error } },
      ok(sent[0]?.nonce ?? 0, '{}'),
    )
    await expect(second).rejects.toMatchObject({ code: 'forbidden', message: 'no' })
    expect(await first).toBe('{}')
    dial.say(ok(99, '{}'))
  })

  it('[MH2] are refused without a leader, and have an unknown outcome when the link breaks or it is silent', async () => {
    const alone = await startMasterFixture()
    await expect(alone.master.call(call)).rejects.toMatchObject({ code: 'unavailable' })
    const { dial, master, pass } = await linkedMaster()
    const late = master.call({ ...call, waitMs: 50 })
    const expectation = expect(late).rejects.toMatchObject({ code: 'outcome_unknown' })
    await pass(limits.leaderCallMs + 60)
    await expectation
    const cut = expect(master.call(call)).rejects.toMatchObject({ code: 'outcome_unknown' })
    dial.end()
    await cut
  })

  it('[MH4] are at most nodeCallsMax', async () => {
    const { dial, master } = await linkedMaster()
    const open = Array.from({ length: limits.nodeCallsMax }, () => master.call(call))
    await expect(master.call(call)).rejects.toMatchObject({ code: 'resource_exhausted' })
    dial.say(ok(1, '1'))
    expect(await open[0]).toBe('1')
    void master.call(call).catch(() => undefined)
    for (const one of open) one.catch(() => undefined)
    dial.end()
  })
})
