import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import {
  ackAll,
  endOf,
  kindsOf,
  linkedMaster,
  receiptsOf,
  requestOf,
  signalOf,
  startMasterFixture,
  textOf,
} from '../testing/master-fixture.js'
import type { ScriptedDial, ScriptedDialer } from '../testing/scripted-dialer.js'

/** Cuts the stream and lets the master dial again. */
async function cut(dialer: ScriptedDialer, pass: (ms: number) => Promise<void>): Promise<ScriptedDial> {
  dialer.last.end('cut')
  await pass(2 * limits.backoffMsMin)
  return dialer.last
}

describe('durable updates', () => {
  it('[ST3] are sent again after a cut, from the first that is not acked, in order', async () => {
    const { dial, dialer, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'), requestOf(2, 2, 'sim:exit=0'))
    await pass(5)
    expect(dial.durable.map(({ uplinkSeq }) => uplinkSeq)).toEqual([1, 2, 3])
    dial.say({ kind: 'ack', incarnation: 0, uplinkSeq: 1, lines: [] })
    const next = await cut(dialer, pass)
    next.welcome({ resumed: true, ackedUplinkSeq: 2 })
    await pass(5)
    expect(next.register).toMatchObject({
      incarnation: 100,
      ackedUplinkSeq: 1,
      term: 1,
      logId: 'log-1',
      commandSeq: 2,
    })
    expect(next.durable).toEqual(dial.durable.slice(2))
  })

  it('[ST3] of an earlier incarnation keep their numbers', async () => {
    const before = await linkedMaster()
    before.dial.say(requestOf(1, 1, 'sim:exit=4'))
    await before.pass(5)
    before.host.crash()
    const after = await linkedMaster({
      incarnation: 200,
      machine: before.machine,
      clock: before.clock,
      outbox: before.outbox.after('kill'),
    })
    await after.pass(5)
    expect(after.dial.durable.map(({ incarnation, uplinkSeq }) => [incarnation, uplinkSeq])).toEqual([
      [100, 1],
      [100, 2],
    ])
    expect(endOf(after.dial)).toMatchObject({ end: { outcome: 'exit', exitCode: 4 } })
    after.dial.say({ kind: 'ack', incarnation: 100, uplinkSeq: 2, lines: [] })
    await after.pass(5)
    expect(after.outbox.after('kill').backlog()).toEqual([])
    expect(after.machine.processes.size).toBe(0)
  })

  it('[ST11] an end that only the outbox still knows is in the inventory, and its run is not started again', async () => {
    const before = await linkedMaster()
    before.dial.say(requestOf(1, 1, 'sim:lines=1'))
    await before.pass(5)
    before.host.crash()
    const after = await linkedMaster({ incarnation: 200, outbox: before.outbox.after('kill') })
    expect(after.dial.register?.inventory).toMatchObject([{ fence: 1, state: 'ended', outBytes: 7 }])
    after.dial.say(requestOf(1, 1, 'sim:lines=1'))
    await after.pass(5)
    expect(after.machine.history).toEqual([])
    after.dial.say({ kind: 'ack', incarnation: 100, uplinkSeq: 9, lines: [] })
    const next = await cut(after.dialer, after.pass)
    next.welcome()
    expect(next.register?.inventory).toEqual([])
  })

  it('[WD2] what was killed because its warden died is told as lost, by this incarnation', async () => {
    const before = await linkedMaster()
    before.dial.say(requestOf(1, 1, 'sim:lines=2:forever'))
    await before.pass(5)
    before.host.crash()
    const after = await linkedMaster({ incarnation: 200, machine: before.machine, clock: before.clock })
    await after.pass(5)
    expect(after.dial.register?.inventory).toMatchObject([{ fence: 1, state: 'ended', outBytes: 14 }])
    expect(after.dial.durable).toMatchObject([
      { incarnation: 200, uplinkSeq: 1, update: { kind: 'ended', end: { outcome: 'lost' } } },
    ])
    expect(textOf(after.dial)).toBe('line 1|line 2')
  })

  it('go in one message when they are ready in one tick, the first at once', async () => {
    const { dial, pass } = await linkedMaster()
    await pass(1)
    const messages = dial.messages.length
    dial.say(signalOf(1, 1, 'pause'), signalOf(2, 2, 'pause'), signalOf(3, 3, 'pause'))
    expect(dial.messages).toHaveLength(messages + 1)
    expect(receiptsOf(dial)).toHaveLength(1)
    await pass(1)
    expect(dial.messages).toHaveLength(messages + 2)
    expect(receiptsOf(dial)).toHaveLength(3)
  })

  it('come before lines, and lines before samples', async () => {
    const { dial, dialer, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:lines=1:forever'))
    await pass(5)
    const next = await cut(dialer, pass)
    next.welcome()
    await pass(1_500)
    const order = next.updates
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'durable' || kind === 'lines' || kind === 'metrics')
    expect(order.indexOf('durable')).toBeLessThan(order.indexOf('metrics'))
    expect(new Set(order)).toEqual(new Set(['durable', 'lines', 'metrics']))
  })

  it('are held back while the outbox is full, and the end is told when there is room', async () => {
    const { dial, pass, outbox } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:after=100'))
    await pass(5)
    outbox.capacity = 1
    await pass(200)
    expect(kindsOf(dial)).toEqual(['running'])
    ackAll(dial)
    await pass(5)
    expect(kindsOf(dial)).toEqual(['running', 'ended'])
    expect(dial.durable.map(({ uplinkSeq }) => uplinkSeq)).toEqual([1, 2])
  })
})

describe('lines', () => {
  it('[ST5] resume from the byte that the leader has', async () => {
    const { dial, dialer, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:lines=4:forever'))
    await pass(5)
    expect(dial.lines).toMatchObject([{ offset: 0, nextOffset: 28 }])
    const next = await cut(dialer, pass)
    next.welcome({
      lines: [
        { fence: 1, stream: 'out', offset: 14 },
        { fence: 1, stream: 'err', offset: 0 },
      ],
    })
    await pass(5)
    expect(next.lines).toMatchObject([{ offset: 14, nextOffset: 28 }])
    expect(textOf(next)).toBe('line 3|line 4')
  })

  it('[ST5] that were printed while there was no leader follow, and the end does not wait for them', async () => {
    const { dial, dialer, pass, outbox } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:text=hello:every=50:after=280'))
    await pass(60)
    await cut(dialer, pass)
    await pass(400)
    expect(
      outbox
        .after('kill')
        .backlog()
        .map(({ update }) => update.kind),
    ).toContain('ended')
    expect(dialer.last.updates).toEqual([])
    dialer.last.welcome({ lines: [{ fence: 1, stream: 'out', offset: 12 }] })
    await pass(20)
    expect(textOf(dialer.last)).toBe('hello|hello|hello|hello')
    expect(dialer.last.lines[0]?.offset).toBe(12)
    expect(endOf(dialer.last)).toMatchObject({
      end: { outBytes: 36, tail: Array(6).fill('hello').join('\n') },
    })
  })

  it('[ST6] keep to the credit, wait in the spool without it, and follow without a hole', async () => {
    const { dialer, pass } = await startMasterFixture()
    const dial = dialer.last
    // The register, and two messages more.
    dial.welcome({}, 3)
    dial.say(requestOf(1, 1, 'sim:lines=1:every=100:forever'))
    await pass(1_000)
    const lineMessages = dial.messages.filter((updates) =>
      updates.some(({ kind }) => kind === 'lines'),
    ).length
    expect(lineMessages).toBeLessThanOrEqual(2)
    const sentTo = dial.lines.at(-1)?.nextOffset ?? 0
    expect(sentTo).toBeLessThan(70)
    dial.say({ kind: 'credit', messages: 1_000, bytes: 1_000_000 })
    await pass(50)
    const offsets = dial.lines.map(({ offset }) => offset)
    const ends = dial.lines.map(({ nextOffset }) => nextOffset)
    expect(offsets).toEqual([0, ...ends.slice(0, -1)])
    expect(textOf(dial).split('|').slice(0, 5)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    expect(ends.at(-1)).toBeGreaterThanOrEqual(70)
  })

  it('a prompt without a newline is shown after a while', async () => {
    const { dial, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    const process = machine.history[0]
    expect(process).toBeDefined()
    if (process === undefined) return
    machine.print(process, 'Password: ')
    await pass(limits.linePartialMs - 10)
    expect(dial.lines).toEqual([])
    await pass(20)
    expect(textOf(dial)).toBe('Password: ')
    machine.print(process, '\nthanks\n')
    await pass(5)
    expect(textOf(dial)).toBe('Password: |thanks')
    expect(dial.lines.at(-1)).toMatchObject({ offset: 10, nextOffset: 18 })
  })
})

describe('commands', () => {
  it('[ST4] that were handled are not handled again on a resumed stream', async () => {
    const { dial, dialer, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:exit=0'))
    await pass(5)
    ackAll(dial)
    await pass(5)
    const next = await cut(dialer, pass)
    next.welcome({ resumed: true })
    next.say(requestOf(1, 1, 'sim:exit=0'), requestOf(2, 2, 'sim:exit=0'))
    await pass(5)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([1, 2])
    expect(next.updates.filter(({ kind }) => kind === 'ack')).toEqual([{ kind: 'ack', commandSeq: 2 }])
  })

  it('[ST4] start from any number when the leader states all that it wants', async () => {
    const { dial, dialer, pass, machine } = await linkedMaster()
    dial.say(requestOf(7, 1, 'sim:forever'))
    await pass(5)
    const next = await cut(dialer, pass)
    next.welcome({ resumed: false, term: 2 })
    next.say(requestOf(1, 1, 'sim:forever'), requestOf(2, 2, 'sim:forever'))
    await pass(5)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([1, 2])
  })
})
