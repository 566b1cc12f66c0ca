import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { ManualClock } from '../testing/manual-clock.js'
import { plainTerms } from '../testing/plain-terms.js'
import { LeaseDeadlines } from './lease-deadlines.js'

const strict = { ...plainTerms, leaseClass: 'strict' as const }

let clock: ManualClock
let expired: { fence: number; graceMs: number; atMs: number }[]
let leases: LeaseDeadlines
let startMs: number

beforeEach(() => {
  clock = new ManualClock()
  startMs = clock.bootMs()
  expired = []
  leases = new LeaseDeadlines(clock, (fence, graceMs) =>
    expired.push({ fence, graceMs, atMs: clock.bootMs() - startMs }),
  )
})

describe('lease deadlines', () => {
  it('[WD5] count from the start of the run, each class by its own, TERM so early that KILL meets them', () => {
    leases.hold(1, strict)
    leases.hold(2, { ...strict, onDisconnect: 'wait' })
    leases.hold(3, plainTerms)
    leases.hold(4, { ...strict, onDisconnect: 'keep' })
    clock.pass(60_000)
    const strictAt = limits.leaseStrictKillMs - limits.leaseStrictGraceMs
    const steadyAt = limits.leaseSteadyKillMs - limits.leaseSteadyGraceMs
    expect(expired).toEqual([
      { fence: 1, graceMs: limits.leaseStrictGraceMs, atMs: strictAt },
      { fence: 2, graceMs: limits.leaseStrictGraceMs, atMs: strictAt },
      { fence: 3, graceMs: limits.leaseSteadyGraceMs, atMs: steadyAt },
    ])
  })

  it('[FC1] say until when nobody else may run it, also before anybody looked, and no late renewal takes it back', () => {
    leases.hold(1, strict)
    leases.hold(2, { ...strict, onDisconnect: 'keep' })
    clock.pass(limits.leaseStrictKillMs - 1)
    expect([leases.holds(1), leases.holds(2)]).toEqual([true, true])
    clock.pass(1)
    leases.renewed(clock.bootMs())
    expect([leases.holds(1), leases.holds(2)]).toEqual([false, true])
  })

  it('[WD5] count from the sending of the newest renewal that was granted, whatever came late', () => {
    leases.hold(1, strict)
    clock.pass(3_000)
    leases.renewed(startMs + 2_000)
    leases.renewed(startMs + 1_000)
    clock.pass(3_400)
    expect(expired).toEqual([])
    clock.pass(200)
    expect(expired.map(({ atMs }) => atMs)).toEqual([6_500])
  })

  it('[WD5] leave no grace when the machine slept past them', () => {
    let sleptMs = 0
    const sleepy = {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      bootMs: () => clock.bootMs() + sleptMs,
      after: (delayMs: number, fn: () => void) => clock.after(delayMs, fn),
      soon: (fn: () => void) => clock.soon(fn),
    }
    const slept = new LeaseDeadlines(sleepy, (fence, graceMs) => expired.push({ fence, graceMs, atMs: 0 }))
    slept.hold(1, plainTerms)
    clock.pass(1_000)
    sleptMs = 3_600_000
    clock.pass(limits.leaseLookMs)
    expect(expired).toEqual([{ fence: 1, graceMs: 0, atMs: 0 }])
  })

  it('end with their runs', () => {
    leases.hold(1, strict)
    leases.hold(2, strict)
    leases.drop(1)
    clock.pass(4_000)
    leases.close()
    clock.pass(60_000)
    expect(expired).toEqual([])
  })
})
