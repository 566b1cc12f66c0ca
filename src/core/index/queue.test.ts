import { describe, expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { nodeIdOf } from '../ids.js'
import { TaskQueue } from './queue.js'

describe('queue', () => {
  it('[RN6] asks once per class that waits, also after thousands of others came and went', () => {
    const rules = new Rules()
    const queue = new TaskQueue()
    const taskId = rules.submit()
    for (let n = 0; n < 5_000; n += 1) {
      const task = rules.task(taskId)
      queue.add({ ...task, spec: { ...task.spec, type: `type-${n}` } }, n)
      queue.remove(taskId)
    }
    queue.add(rules.task(taskId), 5_000)
    const asked: string[] = []
    expect(queue.next(({ type }) => asked.push(type) > 0)).toBe(taskId)
    expect(asked).toEqual(['command'])
    expect(queue.size).toBe(1)
  })

  it('keeps the order of what is left when most of a class was taken back while nothing could be placed', () => {
    const rules = new Rules()
    const ids = Array.from({ length: 5_000 }, () => rules.submit())
    const kept = ids.filter((_, n) => n % 1_000 === 7)
    for (const id of ids) if (!kept.includes(id)) rules.control(id, 'cancel')
    const order: string[] = []
    for (let next = rules.state.index.queue.next(() => true); next !== null; ) {
      order.push(next)
      rules.control(next, 'cancel')
      next = rules.state.index.queue.next(() => true)
    }
    expect(order).toEqual(kept)
  })

  it('[RN6] looks at a named worker alone', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2']) rules.join(nodeId)
    const named = (workerId: string) =>
      rules.submit({ requirements: { accountIdx: null, workerId: nodeIdOf(workerId), timeout: 0 } })
    expect(rules.run(named('master-2')).nodeId).toBe('master-2')
    expect(rules.task(named('master-2')).state.phase).toBe('queued')
    expect(rules.run(named('master-1')).nodeId).toBe('master-1')
  })
})
