import { describe, expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { asTaskId } from '../ids.js'
import { limits } from '../limits.js'
import type { TaskSpec } from '../tasks/task.js'

const withRun = (changes: Partial<TaskSpec>) => {
  const rules = new Rules()
  rules.join('master-1')
  const taskId = rules.submit({ onDisconnect: 'restart', ...changes })
  rules.running(taskId)
  return { rules, taskId }
}
const silence = (rules: Rules) =>
  rules.system({ name: 'node_silent', nodeId: 'master-1' as never, reason: 'cut' })
const phase = (rules: Rules, taskId: string): string => {
  const { state } = rules.task(taskId)
  return state.phase === 'live' ? state.run.phase : state.phase
}

describe('leases', () => {
  it.each([
    ['steady', limits.leaseSteadyRedispatchMs],
    ['strict', limits.leaseStrictRedispatchMs],
  ] as const)(
    '[LS3] a run of class %s is lost %i ms after the last renewal, and not before',
    (leaseClass, ms) => {
      const { rules, taskId } = withRun({ leaseClass })
      const { fence } = rules.run(taskId)
      rules.pass(1_234)
      rules.renewedAtMs.set('master-1', rules.nowMs)
      silence(rules)
      rules.pass(ms - 1)
      expect(phase(rules, taskId)).toBe('unknown')
      rules.pass(1)
      expect(rules.task(taskId).past).toMatchObject([{ fence, end: { outcome: 'lost' } }])
      expect(phase(rules, taskId)).toBe('delayed')
    },
  )

  it('[LS3] [RN4] the next attempt goes elsewhere, under a new fence', () => {
    const { rules, taskId } = withRun({ leaseClass: 'strict' })
    const { fence } = rules.run(taskId)
    rules.join('master-2')
    silence(rules)
    rules.pass(limits.leaseStrictRedispatchMs)
    rules.pass(2 * limits.retryBackoffMsDefault)
    expect(rules.run(taskId)).toMatchObject({ nodeId: 'master-2' })
    expect(rules.run(taskId).fence).toBeGreaterThan(fence)
  })

  it('[LS4] a node that is connected and renews nothing counts as silent, and gets no new work', () => {
    const { rules, taskId } = withRun({ leaseClass: 'strict' })
    rules.pass(limits.leaseStrictRedispatchMs)
    expect(rules.state.node('master-1')?.status).toBe('unknown')
    rules.pass(2 * limits.retryBackoffMsDefault)
    expect(phase(rules, taskId)).toBe('queued')
    expect(rules.types().filter((type) => type === 'RunUnknown')).toEqual([])
  })

  it('[LS8] onDisconnect wait: unknown until the master returns, and a cancel ends it', () => {
    const { rules, taskId } = withRun({ onDisconnect: 'wait' })
    silence(rules)
    rules.pass(3_600_000)
    expect(phase(rules, taskId)).toBe('unknown')
    rules.control(taskId, 'cancel')
    rules.pass(0)
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'cancelled' })
  })

  it('[LS8] a cancel of what waits does not come before its lease is over', () => {
    const { rules, taskId } = withRun({ onDisconnect: 'wait' })
    silence(rules)
    rules.control(taskId, 'cancel')
    rules.pass(limits.leaseSteadyRedispatchMs - 1)
    expect(phase(rules, taskId)).toBe('unknown')
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('final')
  })

  it('[LS8] a run that was silent for a while is watched again when it is back', () => {
    const { rules, taskId } = withRun({ onDisconnect: 'wait', leaseClass: 'strict' })
    const { fence } = rules.run(taskId)
    silence(rules)
    rules.pass(60_000)
    const held = { taskId: asTaskId(taskId), attempt: 1, fence, pid: 1, outBytes: 0, errBytes: 0 }
    rules.renewedAtMs.set('master-1', rules.nowMs)
    rules.join('master-1', { inventory: [{ ...held, state: 'running' }] })
    expect(phase(rules, taskId)).toBe('running')
    rules.pass(limits.leaseStrictRedispatchMs)
    expect(phase(rules, taskId)).toBe('unknown')
  })

  it('[LS8] onDisconnect keep: never started elsewhere without the end of the first', () => {
    const { rules, taskId } = withRun({ onDisconnect: 'keep', leaseClass: 'strict' })
    rules.join('master-2')
    silence(rules)
    rules.control(taskId, 'cancel')
    rules.pass(3_600_000)
    expect(phase(rules, taskId)).toBe('unknown')
  })

  it('[TU10] a step of the clock brings no lease to its end', () => {
    const { rules, taskId } = withRun({ leaseClass: 'strict' })
    const silentMs = rules.leases.silentMs
    let steppedMs = 0
    rules.leases.silentMs = (...of) => silentMs(...of) - steppedMs
    steppedMs = 3_600_000
    rules.nowMs += steppedMs
    rules.system({ name: 'step_clock', byMs: steppedMs })
    rules.pass(limits.leaseStrictRedispatchMs - 1)
    expect(phase(rules, taskId)).toBe('running')
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('delayed')
  })

  it('looks at a node once in its longest time, however often it renews', () => {
    const { rules, taskId } = withRun({})
    const events = rules.log.length
    for (let renewal = 0; renewal < 100; renewal += 1) {
      rules.pass(limits.leaseSteadyRenewMs)
      rules.renewedAtMs.set('master-1', rules.nowMs)
    }
    expect(phase(rules, taskId)).toBe('running')
    expect(rules.log).toHaveLength(events)
  })

  it('[LV3] entries of one node that come due together raise one alert', () => {
    const rules = new Rules()
    rules.join('master-1')
    silence(rules)
    rules.nowMs += 1_000
    rules.join('master-1')
    silence(rules)
    rules.pass(limits.nodeOfflineAfterMs)
    expect([...rules.state.tables.alert.values()]).toHaveLength(1)
  })
})
