import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { AlertRuleWish, RuleKind } from './rules.js'
import { builtInRules } from './rules.js'

const minuteMs = 60_000

const set = (rules: Rules, wishes: Partial<Record<RuleKind, AlertRuleWish | null>>) => {
  const answer = rules.user({ name: 'set_alert_rules', rules: wishes })
  fireTimers(rules)
  return answer
}
const fireTimers = (rules: Rules) => rules.system({ name: 'fire_timers', leases: rules.leases })
const look = (rules: Rules, cpu: number, nodeId = 'master-1') =>
  rules.system({ name: 'look_at_alerts', loads: new Map([[nodeId, { cpu, memory: 0.1, disk: 0.1 }]]) })
const lookAtNothing = (rules: Rules) => rules.system({ name: 'look_at_alerts', loads: new Map() })
const openKinds = (rules: Rules): readonly string[] =>
  [...rules.state.tables.alert.values()]
    .filter(({ state }) => state !== 'cleared')
    .map(({ alertKind, nodeId }) => `${alertKind} ${nodeId ?? 'fleet'}`)
const countOf = (rules: Rules, type: string): number => rules.types().filter((one) => one === type).length

function withMaster(): Rules {
  const rules = new Rules()
  rules.join('master-1')
  return rules
}

describe('a rule', () => {
  it('[AL7] changes in what is given, and what is so already makes no event', () => {
    const rules = withMaster()
    set(rules, { cpu: { above: 0.95 } })
    set(rules, { cpu: { above: 0.95, on: true } })
    expect(rules.state.cluster?.alertRules).toEqual({ cpu: { ...builtInRules.cpu, above: 0.95 } })
    expect(countOf(rules, 'AlertRuleSet')).toBe(1)
  })

  it('[AL7] is reset to what is built in, and outlives a change of the leader', () => {
    const before = withMaster()
    set(before, { cpu: { above: 0.95 }, stall: { on: false } })
    const rules = new Rules(before)
    expect(rules.state.cluster?.alertRules).toMatchObject({ stall: { on: false } })
    set(rules, { cpu: null })
    set(rules, { cpu: null })
    expect(rules.state.cluster?.alertRules).toEqual({ stall: { ...builtInRules.stall, on: false } })
    expect(countOf(rules, 'AlertRuleReset')).toBe(1)
  })

  it('[AL7] that is switched off ends its open alerts at once and raises none', () => {
    const rules = withMaster()
    rules.system({ name: 'node_deaf', nodeId: nodeIdOf('master-1'), deaf: true })
    expect(openKinds(rules)).toEqual(['deaf master-1'])
    set(rules, { deaf: { on: false } })
    expect(openKinds(rules)).toEqual([])
    rules.system({ name: 'node_deaf', nodeId: nodeIdOf('master-1'), deaf: false })
    rules.system({ name: 'node_deaf', nodeId: nodeIdOf('master-1'), deaf: true })
    expect(openKinds(rules)).toEqual([])
  })

  it('[AL7] of stalls that is off leaves the stall on its task', () => {
    const rules = withMaster()
    set(rules, { stall: { on: false } })
    const taskId = rules.submit()
    rules.running(taskId)
    const { fence } = rules.run(taskId)
    const stall = { kind: 'silent', sinceMs: rules.nowMs, lines: [] } as const
    const told = { name: 'report_stall', taskId: rules.task(taskId).taskId, fence, evidence: null } as const
    rules.node('master-1', { ...told, stall })
    expect(rules.run(taskId).stall).toMatchObject({ kind: 'silent' })
    expect(openKinds(rules)).toEqual([])
  })
})

describe('what a master measures', () => {
  it('[AL8] raises an alert when it is above for long enough, to the very time', () => {
    const rules = withMaster()
    look(rules, 0.9)
    rules.nowMs += 5 * minuteMs - 1
    look(rules, 0.91)
    expect(openKinds(rules)).toEqual([])
    rules.nowMs += 1
    fireTimers(rules)
    expect(openKinds(rules)).toEqual(['cpu master-1'])
    const [alert] = rules.state.tables.alert.values()
    expect(alert).toMatchObject({ level: 'warning', taskId: null })
    expect(alert?.message).toBe('master-1 uses 91 % of its CPU, for 5 min more than 80 %')
  })

  it('[AL8] counts anew after it was below, and clears the alert then', () => {
    const rules = withMaster()
    look(rules, 0.9)
    rules.nowMs += 4 * minuteMs
    look(rules, 0.8)
    look(rules, 0.9)
    rules.nowMs += 4 * minuteMs
    look(rules, 0.9)
    fireTimers(rules)
    expect(openKinds(rules)).toEqual([])
    rules.nowMs += minuteMs
    look(rules, 0.9)
    expect(openKinds(rules)).toEqual(['cpu master-1'])
    look(rules, 0.9)
    expect(countOf(rules, 'AlertRaised')).toBe(1)
    look(rules, 0.79)
    expect(openKinds(rules)).toEqual([])
    expect(countOf(rules, 'AlertCleared')).toBe(1)
  })

  it('[AL8] says nothing any more of a master that is away', () => {
    const rules = withMaster()
    set(rules, { cpu: { forMs: 0 } })
    look(rules, 0.9)
    expect(openKinds(rules)).toEqual(['cpu master-1'])
    rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
    rules.nowMs += limits.nodeOfflineAfterMs
    fireTimers(rules)
    expect(openKinds(rules)).toEqual(['offline master-1'])
    look(rules, 0.9)
    look(rules, 0.9, 'master-9')
    expect(openKinds(rules)).toEqual(['offline master-1'])
  })

  it('[AL8] is no time that has passed when the clock steps', () => {
    const rules = withMaster()
    look(rules, 0.9)
    rules.system({ name: 'step_clock', byMs: 10 * minuteMs })
    rules.nowMs += 10 * minuteMs
    fireTimers(rules)
    look(rules, 0.9)
    expect(openKinds(rules)).toEqual([])
  })
})

describe('the queue', () => {
  it('[AL8] raises one alert of the fleet when too much waits for too long, though nothing else happens', () => {
    const rules = new Rules()
    set(rules, { backlog: { above: 2, forMs: minuteMs } })
    const waiting = [rules.submit(), rules.submit(), rules.submit()]
    lookAtNothing(rules)
    rules.nowMs += minuteMs
    fireTimers(rules)
    expect(openKinds(rules)).toEqual(['backlog fleet'])
    const [alert] = rules.state.tables.alert.values()
    expect(alert?.message).toBe('3 tasks wait for a master, for 60 s more than 2')
    const taskId = rules.task(waiting[0] ?? '').taskId
    rules.user({ name: 'control_task', taskId, action: 'cancel', timeoutMs: null })
    lookAtNothing(rules)
    expect(openKinds(rules)).toEqual([])
  })

  it('[AL8] is looked at again in time when its rule becomes longer', () => {
    const rules = new Rules()
    set(rules, { backlog: { above: 0, forMs: minuteMs } })
    rules.submit()
    lookAtNothing(rules)
    set(rules, { backlog: { forMs: 2 * minuteMs } })
    rules.nowMs += minuteMs
    fireTimers(rules)
    expect(openKinds(rules)).toEqual([])
    rules.nowMs += minuteMs
    fireTimers(rules)
    expect(openKinds(rules)).toEqual(['backlog fleet'])
  })
})

describe('failures', () => {
  const fail = (rules: Rules) => {
    const taskId = rules.submit()
    rules.running(taskId)
    rules.ended(taskId, endOf('exit', { exitCode: 1 }))
  }

  it('[AL8] raise an alert when there are too many within the time, which ends as they grow old', () => {
    const rules = withMaster()
    set(rules, { failures: { above: 1, forMs: minuteMs } })
    fail(rules)
    lookAtNothing(rules)
    expect(openKinds(rules)).toEqual([])
    rules.nowMs += 30_000
    fail(rules)
    lookAtNothing(rules)
    expect(openKinds(rules)).toEqual(['failures fleet'])
    for (let passed = 0; passed < minuteMs; passed += limits.failureBucketMs) {
      rules.nowMs += limits.failureBucketMs
      fireTimers(rules)
    }
    expect(openKinds(rules)).toEqual([])
  })

  it('[AL8] are known to the next leader', () => {
    const before = withMaster()
    set(before, { failures: { above: 1, forMs: minuteMs } })
    fail(before)
    fail(before)
    const rules = new Rules(before)
    lookAtNothing(rules)
    expect(openKinds(rules)).toEqual(['failures fleet'])
  })
})
