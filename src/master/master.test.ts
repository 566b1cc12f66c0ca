import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { ackAll, endOf, linkedMaster, receiptsOf, requestOf } from '../testing/master-fixture.js'
import type { ScriptedDial } from '../testing/scripted-dialer.js'

describe('meters and leases', () => {
  const metrics = (dial: ScriptedDial) => dial.updates.filter(({ kind }) => kind === 'metrics')

  it('[LV6] pushes meters on change, and every half minute otherwise', async () => {
    let cpu = 0.5
    const { dial, pass } = await linkedMaster({
      meter: {
        sample: () => ({ cpu, memory: 0.5, disk: 0.5, rxBytesPerS: 0, txBytesPerS: 0 }),
        room: () => ({ memoryBytes: Number.POSITIVE_INFINITY, diskBytes: Number.POSITIVE_INFINITY }),
        inventory: async () => ({ os: 'test', arch: 'x64', cpus: 2, memoryBytes: 1, gpus: [], host: 'here' }),
      },
    })
    await pass(10_000)
    expect(metrics(dial)).toHaveLength(1)
    cpu = 0.519
    await pass(2_000)
    expect(metrics(dial)).toHaveLength(1)
    cpu = 0.53
    await pass(2_000)
    expect(metrics(dial)).toHaveLength(2)
    await pass(limits.meterFloorMs)
    expect(metrics(dial)).toHaveLength(3)
  })

  it('[LV5] renews leases by one message while runs are held, and sends none otherwise', async () => {
    const { dial, pass } = await linkedMaster()
    const renewals = () => dial.updates.filter(({ kind }) => kind === 'lease').length
    await pass(20_000)
    expect(renewals()).toBe(0)
    dial.say(requestOf(1, 1, 'sim:after=11000'), requestOf(2, 2, 'sim:after=11000'))
    await pass(20_000)
    expect(renewals()).toBe(3)
  })
})

describe('leases', () => {
  it('[WD5] pass each grant on by the sending of its renewal, the newest only', async () => {
    const renewed: number[] = []
    const { dial, pass, clock } = await linkedMaster({ onRenewed: (sentAtMs) => renewed.push(sentAtMs) })
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    renewed.length = 0
    const nowMs = clock.bootMs()
    for (const sentAtMs of [nowMs, nowMs - 1, nowMs])
      dial.say({ kind: 'lease', sentAtMs, ttlMs: 25_000, strictTtlMs: 5_000 })
    expect(renewed).toEqual([nowMs])
  })
})

describe('restart', () => {
  it('[RC10] is told and handed on once; leaving ends no run and has everything on disk', async () => {
    let asked = 0
    const { dial, pass, master, machine, outbox } = await linkedMaster({
      onRestart: () => {
        asked += 1
      },
    })
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    for (const commandSeq of [2, 3]) dial.say({ kind: 'restart', commandSeq, commandId: 'c9' })
    expect(asked).toBe(1)
    const done = master.leave()
    await pass(2 * limits.shutdownAckMs)
    await done
    expect(receiptsOf(dial)).toEqual(['received', 'acting It ends and comes back; 1 of its tasks go on.'])
    expect(dial.closedByMaster).toBe(true)
    expect(machine.processes.get(1)?.exit).toBeNull()
    expect(endOf(dial, 1)).toBeUndefined()
    expect(outbox.after('power cut').backlog().length).toBeGreaterThan(0)
  })
})

describe('stop', () => {
  it('ends every run, tells the leader, and leaves nothing', async () => {
    const { dial, pass, master, machine } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'), requestOf(2, 2, 'sim:forever:deaf'))
    await pass(5)
    let stopped = false
    const done = master.stop(1_000).then(() => {
      stopped = true
    })
    await pass(500)
    dial.say(requestOf(3, 3, 'sim:exit=0'))
    await pass(1_000)
    expect(endOf(dial, 1)).toMatchObject({ end: { outcome: 'lost', message: 'Its master was stopped.' } })
    expect(endOf(dial, 2)).toMatchObject({ end: { outcome: 'lost', signal: 'SIGKILL' } })
    expect(machine.history).toHaveLength(2)
    await pass(limits.shutdownAckMs)
    expect(stopped).toBe(true)
    await done
    expect(dial.closedByMaster).toBe(true)
    expect(master.status().link.phase).toBe('closed')
  })

  it('waits for the acks no longer than it must', async () => {
    const { dial, pass, master } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    let stopped = false
    void master.stop(1_000).then(() => {
      stopped = true
    })
    await pass(20)
    expect(stopped).toBe(false)
    ackAll(dial)
    await pass(5)
    expect(stopped).toBe(true)
  })
})

it('shows its agents, one a slot', async () => {
  const { dial, pass, master } = await linkedMaster({ slots: 2 })
  dial.say(requestOf(1, 1, 'sim:forever', { agentId: 'master-1/p2' }))
  await pass(5)
  expect(master.agents().map(({ agentId, status, currentTask }) => [agentId, status, currentTask])).toEqual([
    ['master-1/p1', 'idle', null],
    ['master-1/p2', 'busy', 't1'],
  ])
})
