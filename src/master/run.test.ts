import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import {
  ackAll,
  endOf,
  kindsOf,
  linkedMaster,
  requestOf,
  signalOf,
  textOf,
} from '../testing/master-fixture.js'

describe('a run', () => {
  it('reports running, its lines and its end, in this order of importance', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:lines=2:exit=0:after=10'))
    await pass(30)
    expect(kindsOf(dial)).toEqual(['running', 'ended'])
    expect(textOf(dial)).toBe('line 1|line 2')
    expect(endOf(dial)).toMatchObject({
      end: {
        outcome: 'succeeded',
        exitCode: 0,
        tail: 'line 1\nline 2',
        outBytes: 14,
        errBytes: 0,
        message: null,
      },
    })
    expect(dial.updates).toContainEqual({ kind: 'ack', commandSeq: 1 })
  })

  it.each([
    ['exit', 'sim:exit=3', 'It exited with code 3.'],
    ['spawn_failed', 'sim:missing', 'The program does not exist.'],
  ])('ends as %s', async (outcome, command, message) => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, command))
    await pass(5)
    expect(endOf(dial)).toMatchObject({ end: { outcome, message } })
  })

  it.each([
    [
      'This master cannot run tasks of type "scrape".',
      { payload: { url: 'x', actions: [] }, type: 'scrape' },
    ],
    ['The payload of the task is not a JSON object.', { payloadJson: '[' }],
    [
      'The command of the task must be a text or a list of texts that is not empty.',
      { payload: { command: [] } },
    ],
  ])('says why it cannot run: %s', async (message, more) => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, '', more))
    await pass(5)
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'spawn_failed', message } })
  })

  it('[RN8] handed over twice is started once, also after it ended', async () => {
    const { dial, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:exit=0'), requestOf(2, 1, 'sim:exit=0'))
    await pass(5)
    ackAll(dial)
    await pass(5)
    dial.say(requestOf(3, 1, 'sim:exit=0'))
    await pass(5)
    expect(machine.history).toHaveLength(1)
    expect(dial.updates.at(-1)).toEqual({ kind: 'ack', commandSeq: 3 })
  })

  it('of a lower fence of the same task is refused, one of a higher fence waits until the older is gone', async () => {
    const { dial, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 5, 'sim:forever:deaf', { taskId: 't' }))
    await pass(5)
    dial.say(
      requestOf(2, 4, 'sim:forever', { taskId: 't' }),
      requestOf(3, 6, 'sim:exit=0:after=1', { taskId: 't' }),
    )
    await pass(5)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([5])
    await pass(limits.cancelGraceMs + 10)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([5, 6])
    expect(machine.history[0]?.endedAtMs).toBeLessThanOrEqual(machine.history[1]?.startedAtMs ?? 0)
    expect(endOf(dial, 5)).toMatchObject({ end: { outcome: 'lost' } })
  })

  it('that is cancelled while it waits for an older run never starts', async () => {
    const { dial, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 5, 'sim:forever:deaf', { taskId: 't' }))
    await pass(5)
    dial.say(requestOf(2, 6, 'sim:forever', { taskId: 't' }), signalOf(3, 6, 'cancel', { taskId: 't' }))
    await pass(limits.cancelGraceMs + 10)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([5])
    expect(endOf(dial, 6)).toMatchObject({ end: { outcome: 'cancelled' } })
  })

  it('[RN10] over its limit is stopped, and a pause does not use up its time', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever', { timeoutMs: 1_000 }))
    await pass(600)
    dial.say(signalOf(2, 1, 'pause'))
    await pass(5_000)
    dial.say(signalOf(3, 1, 'resume'))
    await pass(300)
    expect(endOf(dial)).toBeUndefined()
    await pass(200)
    expect(endOf(dial)).toMatchObject({
      end: { outcome: 'timeout', message: 'It ran longer than its limit of 1000 ms.' },
    })
  })

  it('tells its progress at most every quarter of a second, and its last value with its end', async () => {
    const { dial, pass, host } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:after=2000'))
    await pass(300)
    for (let step = 1; step <= 100; step += 1) {
      host.report(1, step / 100, `step ${step}`)
      await pass(10)
    }
    const told = dial.updates.filter((update) => update.kind === 'progress' && update.text !== null)
    expect(told.length).toBeGreaterThanOrEqual(3)
    expect(told.length).toBeLessThanOrEqual(6)
    host.report(1, 1, 'last')
    await pass(2_000)
    expect(endOf(dial)).toMatchObject({ end: { progress: 1 } })
    const afterEnd = dial.updates.slice(
      dial.updates.findIndex((one) => one.kind === 'durable' && one.update.kind === 'ended'),
    )
    expect(afterEnd.some((update) => update.kind === 'progress')).toBe(false)
  })

  it('is let go when the leader has its end and its lines, not before', async () => {
    const { dial, pass, machine, master } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:lines=2'))
    await pass(20)
    dial.say({ kind: 'ack', incarnation: 0, uplinkSeq: 2, lines: [] })
    await pass(5)
    expect(machine.processes.size).toBe(1)
    ackAll(dial)
    await pass(5)
    expect(machine.processes.size).toBe(0)
    expect(master.status().liveRuns).toBe(0)
  })
})
