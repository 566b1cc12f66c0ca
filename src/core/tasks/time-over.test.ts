import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import type { QueueTerms, TaskSpec } from './task.js'
import { plainTerms } from './terms.js'

const terms = (changes: Partial<QueueTerms>): Partial<TaskSpec> => ({ queue: { ...plainTerms, ...changes } })
const phase = (rules: Rules, taskId: string) => {
  const { state } = rules.task(taskId)
  return state.phase === 'final' ? state.outcome : state.phase
}

describe('timeouts of the queue', () => {
  it('[TO1] a task that waits in the queue for too long ends as timeout, and is not retried', () => {
    const rules = new Rules()
    const taskId = rules.submit(terms({ queueTimeoutMs: 5_000 }))
    rules.pass(4_999)
    expect(phase(rules, taskId)).toBe('queued')
    rules.pass(1)
    expect(rules.task(taskId).state).toMatchObject({
      outcome: 'timeout',
      why: expect.stringContaining('queueTimeoutMs'),
    })
  })

  it('[TO1] counts each attempt anew, and neither its delay nor its run', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit(terms({ queueTimeoutMs: 5_000, delayMs: 20_000 }))
    rules.pass(20_000)
    rules.pass(9_000)
    expect(phase(rules, taskId)).toBe('live')
    const rival = rules.submit({ priority: 10 })
    rules.ended(taskId, endOf('lost'))
    expect(phase(rules, rival)).toBe('live')
    rules.pass(1_200)
    expect(phase(rules, taskId)).toBe('queued')
    rules.pass(4_999)
    expect(phase(rules, taskId)).toBe('queued')
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('timeout')
  })

  it('[TO2] a task that waits when its time in all is over ends as timeout', () => {
    const rules = new Rules()
    const [queued, delayed] = [
      rules.submit(terms({ totalTimeoutMs: 5_000, queueTimeoutMs: 5_000 })),
      rules.submit(terms({ totalTimeoutMs: 5_000, delayMs: 5_000 })),
    ]
    rules.pass(5_000)
    while (
      rules.state.index.unfinishedTasks > 0 &&
      (rules.state.index.due.nextAtMs ?? Infinity) <= rules.nowMs
    )
      rules.pass(0)
    expect([phase(rules, queued), phase(rules, delayed)]).toEqual(['timeout', 'timeout'])
    expect(rules.log.filter((event) => event.type === 'TaskFinished')).toHaveLength(2)
  })

  it('[TO2] a live run is stopped by a cancel, ends as timeout, and is not retried', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit(terms({ totalTimeoutMs: 5_000 }))
    rules.running(taskId)
    rules.pass(5_000)
    const { cancelledBy } = rules.task(taskId)
    expect(rules.state.receipt(cancelledBy ?? '')).toMatchObject({
      action: 'cancel',
      state: 'sent',
      nodeId: 'master-1',
    })
    rules.ended(taskId, endOf('cancelled'))
    expect(phase(rules, taskId)).toBe('timeout')
    expect(rules.task(taskId).state).toMatchObject({ why: expect.stringContaining('totalTimeoutMs') })
  })

  it('[TO2] a run that ended first keeps its end, and a lost one is not tried again', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const [done, lost] = [
      rules.submit(terms({ totalTimeoutMs: 5_000 })),
      rules.submit(terms({ totalTimeoutMs: 5_000 })),
    ]
    rules.pass(5_000)
    rules.ended(done, endOf('succeeded'))
    rules.ended(lost, endOf('lost'))
    expect([phase(rules, done), phase(rules, lost)]).toEqual(['succeeded', 'timeout'])
  })

  it('[TO2] a retry by hand has its whole time again', () => {
    const rules = new Rules()
    const taskId = rules.submit(terms({ totalTimeoutMs: 5_000 }))
    rules.pass(5_000)
    rules.control(taskId, 'retry')
    rules.pass(4_999)
    expect(phase(rules, taskId)).toBe('queued')
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('timeout')
  })
})
