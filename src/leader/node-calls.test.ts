import { describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { CancelSignal } from '../ports/control-plane.js'
import type { ToolCall, ToolOutcome } from '../ports/tool-calls.js'
import { LeaderFixture, registerOf } from '../testing/leader-fixture.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { answerCalls } from './answer-calls.js'
import type { Logins } from './logins.js'
import { NodeCalls } from './node-calls.js'

const call: ToolCall = { token: 'afp_a', tool: 'stats', argsJson: '', waitMs: 0, idempotencyKey: null }

describe('calls of a master', () => {
  it('[MH4] answer a result, a refusal, and what is too large or one too many as such', async () => {
    const told: [number, ToolOutcome][] = []
    const answers: Record<string, () => Promise<string>> = {
      good: async () => '1',
      large: async () => 'x'.repeat(limits.callResultCharsMax + 1),
      refused: () => Promise.reject(new ControlError('task_not_found', 'no')),
      broken: () => Promise.reject(new TypeError('oops')),
      open: () => new Promise(() => undefined),
    }
    const calls = new NodeCalls(
      'master-1',
      (_nodeId, { tool }) => answers[tool]?.() ?? Promise.reject(new Error(tool)),
      (nonce, outcome) => told.push([nonce, outcome]),
    )
    for (const [n, tool] of Object.keys(answers).entries()) calls.take(n, { ...call, tool })
    for (let n = 1; n < limits.nodeCallsMax; n++) calls.take(100 + n, { ...call, tool: 'open' })
    await new Promise((resolve) => setImmediate(resolve))
    // Four of the first were over when the last ones came, but they were asked for in one tick.
    const codes = told.map(([nonce, outcome]) => [nonce, outcome.ok ? 'ok' : outcome.error.code])
    expect(new Map(codes as [number, string][])).toEqual(
      new Map([
        [160, 'resource_exhausted'],
        [161, 'resource_exhausted'],
        [162, 'resource_exhausted'],
        [163, 'resource_exhausted'],
        [0, 'ok'],
        [1, 'too_large'],
        [2, 'task_not_found'],
        [3, 'internal'],
      ]),
    )
  })

  it('[MH4] end their waits with the session', () => {
    let given: CancelSignal | null = null
    const calls = new NodeCalls(
      'master-1',
      (_nodeId, _call, signal) => {
        given = signal
        return new Promise(() => undefined)
      },
      () => undefined,
    )
    calls.take(1, call)
    let ended = false
    const signal = given as CancelSignal | null
    signal?.addEventListener('abort', () => {
      ended = true
    })
    calls.close()
    expect([ended, signal?.aborted]).toEqual([true, true])
  })

  it('[EF6] are for the master itself without a token, in what is about its runs only', async () => {
    const principals: unknown[] = []
    const answer = answerCalls({
      logins: () => ({ authenticate: () => null }) as unknown as Logins,
      plane: () => new ScriptedPlane().plane,
      random: { fraction: () => 0, hex: () => 'trace', secret: () => 's', sha256: () => 'h' },
      runTool: async (_plane, { principal, via }) => {
        principals.push([principal, via])
        return '1'
      },
    })
    const signal = { aborted: false, addEventListener() {}, removeEventListener() {} }
    const ask = (tool: string, token = ''): Promise<string> =>
      answer('master-1', { ...call, tool, token }, signal)
    expect([await ask('note_effect'), await ask('check_fence')]).toEqual(['1', '1'])
    expect(principals).toEqual(Array(2).fill([{ kind: 'node', id: 'master-1' }, 'node']))
    for (const [tool, token] of [
      ['stats', ''],
      ['control_task', ''],
      ['note_effect', 'afp_bad'],
    ] as const)
      await expect(ask(tool, token)).rejects.toMatchObject({ code: 'not_authenticated' })
  })

  it('[MH3] are for those whose token the leader knows', async () => {
    const fixture = new LeaderFixture()
    await fixture.start()
    await fixture.settled(() => fixture.leader.logins.ensureAdmin('afp_good'))
    const node = await fixture.connect(registerOf(1))
    await node.send({ kind: 'call', nonce: 1, ...call, token: 'afp_bad' })
    await node.send({ kind: 'call', nonce: 2, ...call, token: 'afp_good' })
    expect(node.of('answer')).toMatchObject([
      { nonce: 1, outcome: { ok: false, error: { code: 'not_authenticated' } } },
      { nonce: 2, outcome: { ok: true, json: '"stats for admin"' } },
    ])
  })
})
