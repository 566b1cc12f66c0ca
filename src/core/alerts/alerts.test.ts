import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeIdOf } from '../ids.js'
import type { AlertAction } from '../input.js'
import { limits } from '../limits.js'
import type { Alert } from './alert.js'
import { priorityOf } from './priority.js'

const hourMs = 3600_000

/** A task that stalls on the first master, and its alert. */
function withStall() {
  const rules = new Rules()
  rules.join('master-1')
  const taskId = rules.submit()
  rules.running(taskId)
  const { fence } = rules.run(taskId)
  const stall = { kind: 'silent', sinceMs: rules.nowMs, lines: [] } as const
  const told = { name: 'report_stall', taskId: rules.task(taskId).taskId, fence, evidence: null } as const
  rules.node('master-1', { ...told, stall })
  const [alertId = ''] = rules.state.tables.alert.keys()
  return { rules, taskId, alertId }
}

const act = (
  rules: Rules,
  alertId: string,
  action: AlertAction,
  terms: { readonly reason?: string; readonly untilMs?: number } = {},
) => {
  const { reason = null, untilMs = null } = terms
  return rules.user({ name: 'act_on_alert', alertId, action, reason, untilMs })
}

const alertOf = (rules: Rules, alertId: string): Alert | undefined => rules.state.alert(alertId)
const fireTimers = (rules: Rules) => rules.system({ name: 'fire_timers', leases: rules.leases })

describe('priorities', () => {
  it('[AL1] puts masters that are cut off first, errors and stalls next, warnings last', () => {
    const of = (alertKind: Alert['alertKind'], level: Alert['level']) => priorityOf({ alertKind, level })
    expect([of('offline', 'error'), of('deaf', 'error')]).toEqual([1, 1])
    expect([of('quarantined', 'error'), of('stall', 'warning')]).toEqual([2, 2])
    expect(of('offline', 'warning')).toBe(3)
  })
})

describe('acknowledge', () => {
  it('[AL2] says who and why, and is one event however often it is asked', () => {
    const { rules, alertId } = withStall()
    expect(act(rules, alertId, 'ack', { reason: 'on it' })).toEqual({ kind: 'alert', alertId })
    act(rules, alertId, 'ack', { reason: 'on it' })
    act(rules, alertId, 'ack')
    expect(rules.types().filter((type) => type === 'AlertAcked')).toHaveLength(1)
    expect(alertOf(rules, alertId)).toMatchObject({
      state: 'acked',
      handling: { by: 'admin', atMs: rules.nowMs, reason: 'on it', untilMs: null },
    })
  })

  it('[AL4] with a time it returns then', () => {
    const { rules, alertId } = withStall()
    act(rules, alertId, 'ack', { untilMs: rules.nowMs + hourMs })
    rules.nowMs += hourMs
    fireTimers(rules)
    expect(alertOf(rules, alertId)?.state).toBe('raised')
  })
})

describe('shelve', () => {
  it('[AL3] needs a reason and a time that is ahead, but not too far', () => {
    const { rules, alertId } = withStall()
    const { nowMs } = rules
    expect(() => act(rules, alertId, 'shelve', { untilMs: nowMs + 1 })).toThrow('with a reason and a time')
    expect(() => act(rules, alertId, 'shelve', { reason: 'x' })).toThrow('with a reason and a time')
    expect(() => act(rules, alertId, 'shelve', { reason: 'x', untilMs: nowMs })).toThrow('has passed already')
    const tooFar = { reason: 'x', untilMs: nowMs + limits.alertShelfMsMax + 1 }
    expect(() => act(rules, alertId, 'shelve', tooFar)).toThrow('more than 7 days ahead')
    expect(alertOf(rules, alertId)?.state).toBe('raised')
    act(rules, alertId, 'shelve', { reason: 'x', untilMs: nowMs + limits.alertShelfMsMax })
    expect(alertOf(rules, alertId)?.state).toBe('shelved')
  })

  it('[AL3] shelved again, the newer terms count', () => {
    const { rules, alertId } = withStall()
    act(rules, alertId, 'shelve', { reason: 'lunch', untilMs: rules.nowMs + hourMs })
    act(rules, alertId, 'shelve', { reason: 'long lunch', untilMs: rules.nowMs + 2 * hourMs })
    rules.nowMs += hourMs
    fireTimers(rules)
    expect(alertOf(rules, alertId)).toMatchObject({ state: 'shelved', handling: { reason: 'long lunch' } })
  })

  it('[AL4] returns when its time is over, also under another leader, and says when', () => {
    const { rules: before, alertId } = withStall()
    act(before, alertId, 'shelve', { reason: 'planned work', untilMs: before.nowMs + hourMs })
    const rules = new Rules(before)
    rules.nowMs += hourMs - 1
    fireTimers(rules)
    expect(alertOf(rules, alertId)?.state).toBe('shelved')
    rules.nowMs += 1
    fireTimers(rules)
    const alert = alertOf(rules, alertId)
    expect(alert).toMatchObject({ state: 'raised', returnedAtMs: rules.nowMs })
    expect(alert?.handling).toBeUndefined()
  })

  it('[AL4] stays away when its cause is gone meanwhile', () => {
    const { rules, taskId, alertId } = withStall()
    act(rules, alertId, 'shelve', { reason: 'planned work', untilMs: rules.nowMs + hourMs })
    rules.ended(taskId, endOf('succeeded'))
    rules.nowMs += hourMs
    fireTimers(rules)
    expect(alertOf(rules, alertId)?.state).toBe('cleared')
  })

  it('[AL4] is by the clock on the wall: a step of it is no time that has passed', () => {
    const { rules, alertId } = withStall()
    act(rules, alertId, 'shelve', { reason: 'planned work', untilMs: rules.nowMs + hourMs })
    rules.system({ name: 'step_clock', byMs: hourMs })
    rules.nowMs += hourMs
    fireTimers(rules)
    expect(alertOf(rules, alertId)?.state).toBe('raised')
  })

  it('[AL5] is taken back at once, as an acknowledgement is', () => {
    const { rules, alertId } = withStall()
    act(rules, alertId, 'ack')
    act(rules, alertId, 'unshelve')
    expect(alertOf(rules, alertId)).toMatchObject({ state: 'raised', returnedAtMs: rules.nowMs })
  })

  it('[AL5] is taken back once; what is open stays as it is', () => {
    const { rules, alertId } = withStall()
    act(rules, alertId, 'shelve', { reason: 'planned work', untilMs: rules.nowMs + hourMs })
    act(rules, alertId, 'unshelve')
    act(rules, alertId, 'unshelve')
    expect(rules.types().filter((type) => type === 'AlertReturned')).toHaveLength(1)
    expect(alertOf(rules, alertId)).toMatchObject({ state: 'raised', returnedAtMs: rules.nowMs })
  })
})

it('[AL5] acts on an alert that is over, or that nobody knows, are refused', () => {
  const { rules, taskId, alertId } = withStall()
  rules.ended(taskId, endOf('succeeded'))
  expect(() => act(rules, alertId, 'ack')).toThrow(`alert ${alertId} is over`)
  expect(() => act(rules, 'a99', 'ack')).toThrow('there is no alert a99')
})

it('[AL5] a master may not act on alerts', () => {
  const { rules, alertId } = withStall()
  const command = { name: 'act_on_alert', alertId, action: 'ack', reason: null, untilMs: null } as const
  expect(() => rules.node(nodeIdOf('master-1'), command)).toThrow('may only report what is its own')
})
