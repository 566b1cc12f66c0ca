import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { endOf, linkedMaster, requestOf } from '../testing/master-fixture.js'

describe('leases', () => {
  it('[LS1] are renewed as often as the strictest run wants', async () => {
    const { dial, pass } = await linkedMaster()
    const renewals = () => dial.updates.filter(({ kind }) => kind === 'lease').length
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(1)
    dial.say(requestOf(2, 2, 'sim:after=7000', { leaseClass: 'strict' }))
    await pass(7_500)
    expect(renewals()).toBe(4)
    await pass(10_000)
    expect(renewals()).toBe(6)
  })

  it.each([
    ['steady', limits.leaseSteadyKillMs],
    ['strict', limits.leaseStrictKillMs],
  ] as const)(
    '[LS2] without a grant a run of class %s is dead %i ms after its last renewal',
    async (leaseClass, ms) => {
      const { dial, pass, machine, clock } = await linkedMaster()
      dial.say(
        requestOf(1, 1, 'sim:deaf:forever', { leaseClass }),
        requestOf(2, 2, 'sim:forever', { leaseClass }),
        requestOf(3, 3, 'sim:forever', { leaseClass, onDisconnect: 'keep' }),
      )
      await pass(1)
      const sentAtMs = clock.monotonicMs() - 1
      dial.grantsLeases = false
      await pass(ms + 10)
      const [deaf, obedient, kept] = [1, 2, 3].map((fence) =>
        machine.history.find(({ start }) => start.fence === fence),
      )
      expect((deaf?.endedAtMs ?? 0) - sentAtMs).toBeLessThanOrEqual(ms)
      expect((deaf?.endedAtMs ?? 0) - sentAtMs).toBeGreaterThan(ms - 10)
      expect(obedient?.exit).toMatchObject({ signal: 'SIGTERM' })
      expect(endOf(dial, 1)).toMatchObject({
        end: { outcome: 'lost', message: 'Its lease ran out: its master had no leader for too long.' },
      })
      expect(kept?.exit).toBeNull()
    },
  )

  it('[LS2] a cancel with a longer grace does not outlive the lease', async () => {
    const { dial, pass, machine, master } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:deaf:forever', { leaseClass: 'strict' }))
    await pass(1)
    dial.grantsLeases = false
    await pass(2_000)
    void master.stop(10_000)
    await pass(limits.leaseStrictKillMs - 2_000)
    expect(machine.history[0]?.exit).toMatchObject({ signal: 'SIGKILL' })
  })

  it('[LS2] a grant that comes too late revives nothing', async () => {
    const { dial, pass, machine, clock } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:deaf:forever', { leaseClass: 'strict' }))
    await pass(1)
    dial.grantsLeases = false
    await pass(limits.leaseStrictKillMs - 100)
    dial.grant(clock.monotonicMs() - 500)
    await pass(200)
    expect(machine.history[0]?.exit).toMatchObject({ signal: 'SIGKILL' })
  })

  it('[LS5] a request that comes without a lease starts when one is granted', async () => {
    const { dial, pass, machine } = await linkedMaster()
    dial.grantsLeases = false
    dial.say(requestOf(1, 1, 'sim:forever'), requestOf(2, 2, 'sim:forever', { onDisconnect: 'keep' }))
    await pass(100)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([2])
    const renewal = dial.updates.find((update) => update.kind === 'lease')
    dial.grant(renewal?.sentAtMs ?? 0)
    await pass(1)
    expect(machine.history.map(({ start }) => start.fence)).toEqual([2, 1])
  })

  it('[LS5] a run that is stopped while it waits for its lease never begins', async () => {
    const { dial, pass, machine, master } = await linkedMaster()
    dial.grantsLeases = false
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(1)
    void master.stop(100)
    await pass(1)
    expect(endOf(dial, 1)).toMatchObject({ end: { outcome: 'lost' } })
    expect(machine.history).toEqual([])
  })
})
