import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'

describe('a lower band', () => {
  it('[RN7] the oldest low task of each set of needs goes after at most 32 higher ones that took its place', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2', 'master-3']) rules.join(nodeId)
    const low = ['master-1', 'master-2', 'master-3'].map((workerId) => ({
      workerId,
      requirements: { accountIdx: null, workerId: nodeIdOf(workerId), timeout: 0 },
    }))
    for (let n = 0; n < 3; n += 1) rules.submit({ priority: 9 })
    const waiting = low.map(({ workerId, requirements }) => ({
      workerId,
      taskId: rules.submit({ priority: 1, requirements }),
    }))
    for (let n = 0; n < 200; n += 1) rules.submit({ priority: 9 })
    // The masters become free in turn, as the counting of passed-over runs does over all of them.
    for (let n = 0; n < 120; n += 1) {
      const nodeId = `master-${(n % 3) + 1}`
      const [taskId = ''] = rules.state.index.slots.tasksOn(nodeId)
      rules.ended(taskId, endOf('succeeded'))
    }
    for (const { workerId, taskId } of waiting) {
      const onNode = rules.log.filter(
        (event) => event.type === 'TaskAssigned' && event.body.nodeId === workerId,
      )
      const place = onNode.findIndex((event) => event.entity.id === taskId)
      expect(place).toBe(limits.bandStarvationMax + 1)
    }
  })

  it('[RN7] a low and a normal task that wait at the same time both go after at most 32 higher ones', () => {
    const rules = new Rules()
    rules.join('master-1')
    const first = rules.submit({ priority: 9 })
    const [normal, low] = [rules.submit({ priority: 5 }), rules.submit({ priority: 1 })]
    for (let n = 0; n < 100; n += 1) rules.submit({ priority: 9 })
    const order: string[] = []
    for (let taskId = first; order.length < 60; ) {
      rules.ended(taskId, endOf('succeeded'))
      taskId = [...rules.state.index.slots.tasksOn('master-1')][0] ?? ''
      order.push(taskId)
    }
    const higherBefore = (taskId: string): number =>
      order.slice(0, order.indexOf(taskId)).filter((id) => id !== low).length
    expect([higherBefore(normal), higherBefore(low)]).toEqual([
      limits.bandStarvationMax,
      limits.bandStarvationMax,
    ])
  })
})
