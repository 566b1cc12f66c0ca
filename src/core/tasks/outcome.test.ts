import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { limits } from '../limits.js'

const policy = { attemptsMax: 2, on: ['exit', 'lost'], backoffMs: 0 } as const
const phase = (rules: Rules, taskId: string) => {
  const { state } = rules.task(taskId)
  return state.phase === 'final' ? state.outcome : state.phase
}

describe('dead letters', () => {
  it('[DD1] a task whose retries are used up is a dead letter, with the evidence of each attempt', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit({ retry: policy })
    rules.ended(taskId, endOf('lost', { message: 'gone' }))
    rules.pass(0)
    rules.ended(taskId, endOf('exit', { exitCode: 3, message: 'exit code 3' }))
    expect(rules.task(taskId).state).toMatchObject({
      outcome: 'dead_letter',
      why: 'its 2 attempts are used up; the last ended as exit: exit code 3',
    })
    expect(rules.task(taskId).past.map((run) => run.end.message)).toEqual(['gone', 'exit code 3'])
  })

  it('[DD1] an end that the policy does not retry, and one attempt alone, are plain failures', () => {
    const rules = new Rules()
    rules.join('master-1')
    const [unnamed, single] = [
      rules.submit({ retry: policy }),
      rules.submit({ retry: { ...policy, attemptsMax: 1 } }),
    ]
    rules.ended(unnamed, endOf('timeout'))
    rules.ended(single, endOf('exit'))
    expect([phase(rules, unnamed), phase(rules, single)]).toEqual(['timeout', 'exit'])
  })

  it('[DD3] a dead letter is requeued by a retry, for one attempt more', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit({ retry: policy })
    for (const _ of [1, 2]) {
      rules.ended(taskId, endOf('exit'))
      rules.pass(0)
    }
    rules.control(taskId, 'retry')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'live', attempt: 3 })
    rules.ended(taskId, endOf('exit'))
    expect(phase(rules, taskId)).toBe('dead_letter')
  })
})

describe('the poison rule', () => {
  const start = () => {
    const rules = new Rules()
    rules.join('master-1')
    return { rules, taskId: rules.submit({ onDisconnect: 'restart', retry: { ...policy, attemptsMax: 9 } }) }
  }
  const silence = (rules: Rules): void => {
    rules.system({ name: 'node_silent', nodeId: 'master-1' as never, reason: 'cut' })
    rules.pass(limits.leaseSteadyRedispatchMs)
  }

  it('[DD2] two attempts that took their master down make a dead letter, whatever is left of the retries', () => {
    const { rules, taskId } = start()
    silence(rules)
    rules.join('master-1', { incarnation: 2 })
    rules.pass(0)
    expect(phase(rules, taskId)).toBe('live')
    rules.running(taskId)
    rules.join('master-1', { incarnation: 3 })
    expect(rules.task(taskId).state).toMatchObject({
      outcome: 'dead_letter',
      why: expect.stringContaining(
        '2 of its attempts took their master down: attempt 1 master-1, attempt 2 master-1',
      ),
    })
  })

  it('[DD2] counts a master too whose stream still looks open when its lease runs out', () => {
    const { rules, taskId } = start()
    for (const incarnation of [2, 3]) {
      rules.running(taskId)
      rules.pass(limits.leaseSteadyRedispatchMs)
      rules.join('master-1', { incarnation })
      rules.pass(0)
    }
    expect(rules.task(taskId).state).toMatchObject({ outcome: 'dead_letter', attempt: 2 })
  })

  it('[DD2] a master that was only cut off was not taken down', () => {
    const { rules, taskId } = start()
    silence(rules)
    rules.join('master-1')
    rules.pass(0)
    rules.running(taskId)
    rules.join('master-1', { incarnation: 2 })
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('live')
    expect(rules.task(taskId).state.attempt).toBe(3)
  })

  it('[DD2] runs that a living master tells as lost count for nothing', () => {
    const { rules, taskId } = start()
    for (const _ of [1, 2, 3]) {
      rules.ended(taskId, endOf('lost'))
      rules.pass(0)
    }
    expect(rules.task(taskId).state).toMatchObject({ phase: 'live', attempt: 4 })
  })
})
