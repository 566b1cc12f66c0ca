import { describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { ToolCall } from '../ports/tool-calls.js'
import { linkedMaster, requestOf } from '../testing/master-fixture.js'
import { RunAsks } from './run-asks.js'

const ref = { taskId: 't1', attempt: 2, fence: 7 }

describe('what runs ask through their master', () => {
  it('[EF6] is asked by the master itself, with the fence of the run', async () => {
    const calls: ToolCall[] = []
    const asks = new RunAsks(async (call) => {
      calls.push(call)
      return '{}'
    })
    await asks.ask(ref, { kind: 'fence' })
    await asks.ask(ref, { kind: 'effect', key: 'pay', state: 'done', valueJson: '[1]', again: false })
    expect(calls.map(({ token, tool, argsJson }) => [token, tool, JSON.parse(argsJson)])).toEqual([
      ['', 'check_fence', { taskId: 't1', fence: 7 }],
      ['', 'note_effect', { taskId: 't1', fence: 7, key: 'pay', state: 'done', again: false, value: [1] }],
    ])
  })

  it('[EF6] runAsksOpen at a time in order, runAsksWaiting behind them, one more is refused', async () => {
    const open: { fence: number; settle: () => void }[] = []
    const asks = new RunAsks(({ argsJson }) => {
      const { fence } = JSON.parse(argsJson)
      return new Promise((resolve, reject) => {
        open.push({
          fence,
          settle: () => (fence === 2 ? reject(new ControlError('unavailable', 'no')) : resolve(`${fence}`)),
        })
      })
    })
    const asked = Array.from({ length: limits.runAsksOpen + limits.runAsksWaiting }, (_, n) =>
      asks.ask({ ...ref, fence: n + 1 }, { kind: 'fence' }),
    )
    await expect(asks.ask(ref, { kind: 'fence' })).rejects.toMatchObject({ code: 'resource_exhausted' })
    expect(open).toHaveLength(limits.runAsksOpen)
    const outcomes = Promise.allSettled(asked)
    for (let n = 0; n < asked.length; n += 1) {
      open[n]?.settle()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(open.map(({ fence }) => fence)).toEqual(asked.map((_, n) => n + 1))
    const settled = await outcomes
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(settled[2]).toEqual({ status: 'fulfilled', value: '3' })
  })

  it('[EF6] [EF9] a run that the master holds asks the leader without a token; another one is stale', async () => {
    const { dial, host, pass } = await linkedMaster()
    dial.say(requestOf(1, 7, 'sim:forever'))
    await pass(1)
    expect(host.events?.holdsLease?.(7)).toBe(true)
    const asked = host.events?.onAsk?.(7, { kind: 'fence' })
    await expect(host.events?.onAsk?.(8, { kind: 'fence' })).rejects.toMatchObject({ code: 'stale_fence' })
    const [call] = dial.updates.flatMap((update) => (update.kind === 'call' ? [update] : []))
    expect(call).toMatchObject({ token: '', tool: 'check_fence', argsJson: '{"taskId":"t7","fence":7}' })
    dial.say({ kind: 'answer', nonce: call?.nonce ?? 0, outcome: { ok: true, json: '{"fence":"current"}' } })
    expect(await asked).toBe('{"fence":"current"}')
    dial.grantsLeases = false
    await pass(limits.leaseSteadyKillMs)
    expect(host.events?.holdsLease?.(7)).toBe(false)
  })
})
