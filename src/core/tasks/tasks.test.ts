import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { fenceOf } from '../ids.js'
import { limits } from '../limits.js'

const outcome = (rules: Rules, taskId: string) => {
  const { state } = rules.task(taskId)
  return state.phase === 'final' ? state.outcome : state.phase
}

describe('submit', () => {
  it('[TU4] a submit and its assignment are one group', () => {
    const rules = new Rules()
    rules.join('master-1')
    const before = rules.log.length
    rules.submit()
    expect(rules.types(before)).toEqual(['TaskSubmitted', 'TaskAssigned'])
  })

  it('[ID1] the same key and body is the same task, another body a conflict', () => {
    const rules = new Rules()
    const first = rules.submit({ idempotencyKey: 'k' }, 'one')
    expect(rules.submit({ idempotencyKey: 'k' }, 'one')).toBe(first)
    expect(() => rules.submit({ idempotencyKey: 'k' }, 'two')).toThrowError(/idempotency key belongs to/)
    expect(rules.log.filter((event) => event.type === 'TaskSubmitted')).toHaveLength(1)
  })

  it('refuses a worker that nobody knows and names those it knows', () => {
    const rules = new Rules()
    rules.join('master-1')
    const requirements = { accountIdx: null, workerId: 'nowhere' as never, timeout: 0 }
    expect(() => rules.submit({ requirements })).toThrowError(/no master "nowhere"; known: master-1/)
  })

  it('[TU3] refuses a viewer first, and the refusal is an event', () => {
    const rules = new Rules()
    const principal = { kind: 'user', id: 'eve', role: 'viewer' } as const
    const command = {
      name: 'control_task',
      taskId: 'tnone' as never,
      action: 'cancel',
      timeoutMs: null,
    } as const
    expect(() => rules.user(command, { principal })).toThrowError(/eve may not control task/)
    expect(rules.log.at(-1)).toMatchObject({ type: 'ActRefused', actor: { principalId: 'eve' } })
  })

  it('[TU11] refuses an input past its deadline and changes nothing', () => {
    const rules = new Rules()
    const before = rules.log.length
    const command = {
      name: 'control_task',
      taskId: 't2' as never,
      action: 'cancel',
      timeoutMs: null,
    } as const
    expect(() => rules.user(command, { deadlineMs: rules.nowMs - 1 })).toThrowError(/deadline passed/)
    expect(rules.log).toHaveLength(before)
  })
})

describe('runs', () => {
  it('[RN1] a report counts only while its fence is current', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    const fence = rules.run(taskId).fence
    expect(rules.log.find((event) => event.type === 'TaskAssigned')?.seq).toBe(fence)
    rules.ended(taskId, endOf('lost'))
    rules.pass(2_000)
    expect(rules.run(taskId).fence).toBeGreaterThan(fence)
    rules.ended(taskId, endOf('succeeded'), fence, 'master-1')
    expect(rules.task(taskId).state.phase).toBe('live')
  })

  it.each([
    [30, 970],
    [5_000, 0],
  ])(
    '[FN9] an end that says that it ran %i ms tells the start, at or after the assignment',
    (ranMs, afterMs) => {
      const rules = new Rules()
      rules.join('master-1')
      const taskId = rules.submit()
      const { assignedAtMs } = rules.run(taskId)
      rules.nowMs += 1_000
      rules.ended(taskId, { ...endOf('succeeded'), ranMs })
      expect(rules.task(taskId).past).toMatchObject([{ startedAtMs: assignedAtMs + afterMs }])
    },
  )

  it('[RN2] a late report is kept as evidence and changes nothing else', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    const { fence } = rules.run(taskId)
    rules.ended(taskId, endOf('succeeded'))
    const state = rules.task(taskId).state
    rules.ended(taskId, endOf('exit', { exitCode: 3 }), fence, 'master-1')
    expect(rules.log.at(-1)).toMatchObject({ type: 'RunSuperseded', body: { fence, end: { exitCode: 3 } } })
    expect(rules.task(taskId).state).toEqual(state)
  })

  it('[RN3] an attempt has one end and a task is final while no attempt is open', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    rules.running(taskId)
    rules.ended(taskId, endOf('succeeded'))
    expect(outcome(rules, taskId)).toBe('succeeded')
    expect(rules.task(taskId).past).toHaveLength(1)
  })

  it('[RN4] retries what its policy names, under a new fence, until attempts are used up', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit({ retry: { attemptsMax: 2, on: ['lost'], backoffMs: 1_000 } })
    const first = rules.run(taskId).fence
    rules.ended(taskId, endOf('lost'))
    expect(rules.task(taskId).state).toMatchObject({ phase: 'delayed', attempt: 2 })
    rules.pass(1_300)
    expect(rules.run(taskId).fence).not.toBe(first)
    rules.ended(taskId, endOf('lost'))
    expect(outcome(rules, taskId)).toBe('dead_letter')
  })

  it('[RN4] does not retry an exit that the policy does not name', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    rules.ended(taskId, endOf('exit', { exitCode: 1 }))
    expect(outcome(rules, taskId)).toBe('exit')
  })

  it('[RN5] waits backoff × 2ⁿ⁻¹ plus up to a fifth, the same on every replay', () => {
    const delays = [1, 2].map(() => {
      const rules = new Rules()
      rules.join('master-1')
      const taskId = rules.submit()
      const seen: number[] = []
      for (let attempt = 1; attempt < 4; attempt += 1) {
        rules.ended(taskId, endOf('timeout'))
        const { state } = rules.task(taskId)
        if (state.phase !== 'delayed') throw new Error(state.phase)
        seen.push(state.dueAtMs - rules.nowMs)
        rules.pass(state.dueAtMs - rules.nowMs)
      }
      return seen
    })
    expect(delays[0]).toEqual(delays[1])
    for (const [n, delayMs] of (delays[0] ?? []).entries()) {
      expect(delayMs).toBeGreaterThanOrEqual(1_000 * 2 ** n)
      expect(delayMs).toBeLessThanOrEqual(1_200 * 2 ** n)
    }
  })

  it('[RN14] refuses submits over the limit of unfinished tasks', () => {
    const rules = new Rules()
    rules.state.index.counts.pending = limits.tasksUnfinishedMax
    expect(() => rules.submit()).toThrowError(/are unfinished/)
  })
})

describe('control', () => {
  const started = () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    rules.running(taskId)
    return { rules, taskId }
  }

  it('[RC1] keeps every step of a command with its time', () => {
    const { rules, taskId } = started()
    const answer = rules.control(taskId, 'pause')
    const commandId = answer.kind === 'receipt' ? answer.commandId : ('' as never)
    for (const state of ['received', 'acting', 'done'] as const) {
      rules.nowMs += 10
      rules.node('master-1', { name: 'report_receipt', commandId, state, detail: state })
    }
    const receipt = rules.state.receipt(commandId)
    expect(receipt?.steps.map((step) => step.state)).toEqual(['sent', 'received', 'acting', 'done'])
    expect(receipt?.steps.map((step) => step.atMs - (receipt.steps[0].atMs ?? 0))).toEqual([0, 10, 20, 30])
  })

  it('[RC2] holds a bounded number of commands for a task, and a cancel beyond it', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    for (let n = 0; n < limits.commandsOpenPerTask; n += 1) rules.control(taskId, 'pause')
    expect(() => rules.control(taskId, 'pause')).toThrowError(/commands on .* wait for its master already/)
    expect(rules.control(taskId, 'cancel').kind).toBe('receipt')
  })

  it('[RC3] a second cancel is the first one', () => {
    const { rules, taskId } = started()
    expect(rules.control(taskId, 'cancel')).toEqual(rules.control(taskId, 'cancel'))
  })

  it('[RC4] a command that nobody started in time expires and is not owed any more', () => {
    const { rules, taskId } = started()
    const answer = rules.control(taskId, 'pause', 500)
    rules.pass(501)
    const receipt = answer.kind === 'receipt' ? rules.state.receipt(answer.commandId) : undefined
    expect(receipt?.state).toBe('expired')
    expect(rules.state.index.openReceipts.has(taskId)).toBe(false)
  })

  it('[RC4] a cancel that expired or was refused is forgotten: the task goes on and may be cancelled again', () => {
    const { rules, taskId } = started()
    const expired = rules.control(taskId, 'cancel', 500)
    rules.pass(501)
    expect(rules.task(taskId).cancelledBy).toBeNull()
    const refused = rules.control(taskId, 'cancel')
    expect(refused).not.toEqual(expired)
    const commandId = refused.kind === 'receipt' ? refused.commandId : ('' as never)
    rules.node('master-1', { name: 'report_receipt', commandId, state: 'refused', detail: 'too late' })
    expect(rules.control(taskId, 'pause').kind).toBe('receipt')
    expect(rules.control(taskId, 'cancel')).not.toEqual(refused)
  })

  it('[RC7] says what would work when the phase does not allow it', () => {
    const rules = new Rules()
    const taskId = rules.submit()
    expect(() => rules.control(taskId, 'pause')).toThrowError(/is queued: only a running task can be paused/)
    expect(() => rules.control(taskId, 'retry')).toThrowError(/only a task that is over can be retried/)
  })

  it('[RC8] cancelling a task that is over changes nothing', () => {
    const { rules, taskId } = started()
    rules.ended(taskId, endOf('succeeded'))
    const before = rules.log.length
    expect(rules.control(taskId, 'cancel')).toEqual({ kind: 'finished', taskId })
    expect(rules.log).toHaveLength(before)
  })

  it('[RC9] a cancel of a task that waits ends it at once', () => {
    const rules = new Rules()
    const taskId = rules.submit()
    const answer = rules.control(taskId, 'cancel')
    expect(outcome(rules, taskId)).toBe('cancelled')
    expect(answer.kind === 'receipt' && rules.state.receipt(answer.commandId)?.state).toBe('stopped')
  })

  it('a run that is cancelled ends as cancelled and is not retried', () => {
    const { rules, taskId } = started()
    rules.control(taskId, 'cancel')
    rules.ended(taskId, endOf('cancelled', { signal: 'SIGTERM' }))
    expect(outcome(rules, taskId)).toBe('cancelled')
  })

  it('retry opens the next attempt of a failed task', () => {
    const { rules, taskId } = started()
    rules.ended(taskId, endOf('exit', { exitCode: 1 }))
    const answer = rules.control(taskId, 'retry')
    expect(rules.run(taskId).phase).toBe('assigned')
    expect(rules.task(taskId).state.attempt).toBe(2)
    expect(answer.kind === 'receipt' && rules.state.receipt(answer.commandId)?.state).toBe('done')
  })

  it('a pause is refused by the end of its run, so that nobody waits for ever', () => {
    const { rules, taskId } = started()
    const answer = rules.control(taskId, 'pause')
    rules.ended(taskId, endOf('succeeded'))
    expect(answer.kind === 'receipt' && rules.state.receipt(answer.commandId)?.state).toBe('refused')
  })
})

describe('stalls', () => {
  it('[SL5] progress clears the stall and its alert', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit({ stallAfterMs: 5_000 })
    rules.running(taskId)
    const fence = fenceOf(rules.run(taskId).fence)
    const stall = { kind: 'silent' as const, sinceMs: rules.nowMs, lines: ['last words'] }
    const evidence = { lines: ['last words'], processes: [], cpuCores: 0, waitingFor: 'a timer' }
    rules.node('master-1', { name: 'report_stall', taskId: taskId as never, fence, stall, evidence })
    const alert = [...rules.state.tables.alert.values()][0]
    expect(alert).toMatchObject({ state: 'raised', alertKind: 'stall', evidence: { waitingFor: 'a timer' } })
    expect(rules.run(taskId).stall).toEqual(stall)
    rules.node('master-1', {
      name: 'report_stall',
      taskId: taskId as never,
      fence,
      stall: null,
      evidence: null,
    })
    expect(rules.state.alert(alert?.alertId ?? '')?.state).toBe('cleared')
    expect(rules.run(taskId).stall).toBeNull()
  })
})
