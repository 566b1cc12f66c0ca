import { describe, expect, it } from 'vitest'
import type { FunctionContext } from '../adapters/function-host/function-context.js'
import { FunctionHost } from '../adapters/function-host/function-host.js'
import { limits } from '../core/limits.js'
import type { NumberedCommand } from '../ports/node-link.js'
import { ManualClock } from '../testing/manual-clock.js'
import {
  ackAll,
  endOf,
  kindsOf,
  linkedMaster,
  receiptsOf,
  requestOf,
  signalOf,
  textOf,
} from '../testing/master-fixture.js'

/** Functions that the tests call: each does what its name says. */
const handlers = new Map<string, (context: FunctionContext) => unknown>([
  ['echo', ({ task }) => task.payload],
  ['fails', () => Promise.reject(new Error('no address'))],
  [
    'waits',
    ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ],
  ['shows', ({ progress }) => progress(0.5)],
  ['deaf', () => new Promise(() => undefined)],
])

async function worker() {
  const clock = new ManualClock()
  const host = new FunctionHost({ handlers, clock })
  return linkedMaster({ clock, host, agentKind: 'function', projectTypes: [...handlers.keys()], slots: 2 })
}

const call = (seq: number, fence: number, type: string, more: object = {}): NumberedCommand =>
  requestOf(seq, fence, '', { type, payload: { n: fence }, agentId: 'master-1/f1', ...more })

describe('a master of functions', () => {
  it('[RC10] cannot be restarted: its program would have to be', async () => {
    const { dial, pass } = await worker()
    dial.say({ kind: 'restart', commandSeq: 1, commandId: 'c1' })
    await pass(1)
    expect(receiptsOf(dial)).toEqual([
      'received',
      'refused This master is part of another program, which alone can restart it.',
    ])
  })

  it('registers agents of that kind', async () => {
    const { dial, master } = await worker()
    expect(dial.register?.agents).toMatchObject([
      { agentId: 'master-1/f1', kind: 'function' },
      { agentId: 'master-1/f2', kind: 'function' },
    ])
    expect(master.agents()).toMatchObject([{ kind: 'function' }, { kind: 'function' }])
  })

  it('[FN1] calls the function of the task’s type with its payload, and its result is the end', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'echo'))
    await pass(5)
    expect(endOf(dial)).toMatchObject({
      end: { outcome: 'succeeded', exitCode: null, value: { n: 1 }, message: null },
    })
  })

  it('[FN9] tells one that ends in its tick by its end alone, and any other as running', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'echo'), call(2, 2, 'waits'))
    await pass(5)
    expect(kindsOf(dial)).toEqual(['ended', 'running'])
    expect(endOf(dial)).toMatchObject({ end: { ranMs: expect.any(Number) } })
    dial.say(signalOf(3, 2, 'cancel'))
    await pass(5)
    expect(endOf(dial, 2)).toMatchObject({ end: { outcome: 'cancelled' } })
    expect(endOf(dial, 2)).not.toMatchObject({ end: { ranMs: expect.any(Number) } })
  })

  it('[FN9] is told as running before its progress', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'shows'))
    await pass(5)
    expect(kindsOf(dial)).toEqual(['running', 'ended'])
  })

  it('[FN2] a throw is the end `exit` with its message, and its stack in the log', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'fails'))
    await pass(5)
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'exit', value: null, message: 'no address' } })
    expect(textOf(dial)).toContain('Error: no address|    at ')
  })

  it('[FN3] cancel aborts the signal, and the receipt says so', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'waits'))
    await pass(5)
    dial.say(signalOf(2, 1, 'cancel'))
    await pass(5)
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'cancelled', message: 'It was cancelled.' } })
    expect(receiptsOf(dial)).toEqual([
      'received',
      'acting its abort signal is given',
      'stopped It was cancelled.',
    ])
  })

  it('[FN3] a pause is refused', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'waits'))
    await pass(5)
    dial.say(signalOf(2, 1, 'pause'))
    await pass(5)
    expect(receiptsOf(dial)).toEqual(['received', 'refused A function cannot be paused; cancel it instead.'])
    expect(endOf(dial)).toBeUndefined()
  })

  it('[FN4] a function that ignores its signal is abandoned after the grace, which its end says', async () => {
    const { dial, pass, master } = await worker()
    dial.say(call(1, 1, 'deaf', { timeoutMs: 1_000 }))
    await pass(1_000)
    await pass(limits.cancelGraceMs + 5)
    expect(endOf(dial)).toMatchObject({
      end: {
        outcome: 'timeout',
        message: `It ran longer than its limit of 1000 ms. Its function has not ended ${limits.cancelGraceMs} ms after its abort signal and may still run.`,
      },
    })
    expect(master.status().liveRuns).toBe(0)
  })
})

describe('[FN5] a lease', () => {
  it('that ran out aborts what may run elsewhere, which has ended as lost', async () => {
    const { dial, dialer, pass } = await worker()
    dial.say(call(1, 1, 'waits'), call(2, 2, 'waits', { onDisconnect: 'keep' }))
    await pass(5)
    dial.end()
    await pass(limits.leaseSteadyKillMs)
    dialer.last.welcome()
    await pass(5)
    expect(dialer.last.register?.inventory).toMatchObject([
      { fence: 1, state: 'ended' },
      { fence: 2, state: 'running' },
    ])
    expect(endOf(dialer.last, 1)).toMatchObject({
      end: { outcome: 'lost', message: 'Its lease ran out: its master had no leader for too long.' },
    })
    expect(endOf(dialer.last, 2)).toBeUndefined()
  })

  it('that is renewed aborts nothing', async () => {
    const { dial, pass } = await worker()
    dial.say(call(1, 1, 'waits'))
    for (let renewed = 0; renewed < 8; renewed += 1) {
      await pass(5_000)
      const renewal = dial.updates.filter((update) => update.kind === 'lease').at(-1)
      dial.grant(renewal?.sentAtMs ?? 0)
    }
    expect(endOf(dial)).toBeUndefined()
  })
})

describe('[FN6] a drain', () => {
  it('takes its agents from the leader, ends what it had taken, declines the rest, and ends when the leader has all', async () => {
    const { dial, pass, master } = await worker()
    dial.say(call(1, 1, 'waits'))
    await pass(5)
    let isDrained = false
    void master.drain(60_000).then(() => {
      isDrained = true
    })
    await pass(5)
    expect(dial.durable.at(-1)?.update).toEqual({ kind: 'agents', agents: [] })
    // It was on its way when the leader did not know yet.
    dial.say(call(2, 2, 'echo'))
    await pass(5)
    expect(dial.durable.at(-1)?.update).toMatchObject({ kind: 'declined', fence: 2, code: 'leaving' })
    dial.say(signalOf(3, 1, 'cancel'))
    await pass(5)
    expect(isDrained).toBe(false)
    ackAll(dial)
    await pass(5)
    expect(isDrained).toBe(true)
  })

  it('ends after its time with what still runs, which a stop aborts', async () => {
    const { dial, pass, master } = await worker()
    dial.say(call(1, 1, 'waits'))
    await pass(5)
    const drained = master.drain(1_000)
    await pass(1_000)
    await drained
    expect(master.status().liveRuns).toBe(1)
    const stopped = master.stop(100)
    await pass(limits.shutdownAckMs + 10)
    await stopped
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'lost', message: 'Its master was stopped.' } })
  })

  it('without a leader ends at once when there is nothing to tell', async () => {
    const { dial, pass, master } = await worker()
    dial.end()
    const drained = master.drain(1_000)
    await pass(1)
    await drained
  })

  it('waits for the next leader with what that has to hear, and has no agents for it', async () => {
    const { dial, dialer, pass, master } = await worker()
    dial.say(call(1, 1, 'echo'))
    await pass(5)
    dial.end()
    let isDrained = false
    void master.drain(60_000).then(() => {
      isDrained = true
    })
    await pass(2 * limits.backoffMsMin)
    dialer.last.welcome()
    await pass(5)
    expect(isDrained).toBe(false)
    expect(dialer.last.register?.agents).toEqual([])
    expect(kindsOf(dialer.last)).toEqual(['ended'])
    ackAll(dialer.last)
    await pass(1)
    expect(isDrained).toBe(true)
  })
})
