import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { endOf } from '../testing/core-fixture.js'
import { durable, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

describe('partial results', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  const running = async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const run = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...run }))
    const sample = (atMs: number, progress: number, more: object = {}) => ({
      kind: 'progress' as const,
      ...run,
      atMs,
      progress,
      text: null,
      pid: 7,
      cpuCores: 0,
      memoryBytes: 0,
      ...more,
    })
    return { node, taskId, run, sample }
  }

  it('[PT1] are part of the task while it runs; progress alone leaves them, an older one is dropped', async () => {
    const { node, taskId, run, sample } = await running()
    expect(await fixture.read(taskId)).not.toHaveProperty('partial')
    await node.send(sample(5, 0.5), sample(4, 0.4, { partial: { value: { rows: 4 } } }))
    expect(await fixture.read(taskId)).toMatchObject({ progress: 0.5, partial: { rows: 4 } })
    await node.send(sample(3, 0.3, { partial: { value: { rows: 3 } } }), sample(6, 0.6))
    expect(await fixture.read(taskId)).toMatchObject({ progress: 0.6, partial: { rows: 4 } })
    await node.send(durable(2, { kind: 'ended', end: endOf('succeeded'), ...run }))
    expect(await fixture.read(taskId)).not.toHaveProperty('partial')
  })

  it('[PT1] reach walls, cut when they are large', async () => {
    const { node, sample } = await running()
    const wall = await fixture.wall()
    await fixture.rest()
    await node.send(sample(1, 0.1, { partial: { value: null } }))
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('TASK_UPDATE').at(-1)).toMatchObject({ task: { partial: null } })
    await node.send(sample(2, 0.2, { partial: { value: 'x'.repeat(limits.pushedFieldBytesMax) } }))
    await fixture.pass(limits.wallFrameMsMax)
    const { task } = wall.of('TASK_UPDATE').at(-1) as { task: object }
    expect(task).toMatchObject({ progress: 0.2, truncated: true })
    expect(task).not.toHaveProperty('partial')
  })

  it('[PT2] count for the run that gave them only', async () => {
    const { node, taskId, run, sample } = await running()
    await node.send(sample(1, 0.1, { partial: { value: 1 } }))
    await node.send(sample(2, 0.2, { partial: { value: 2 }, fence: run.fence + 90 }))
    expect(await fixture.read(taskId)).toMatchObject({ partial: 1 })
    await node.send(durable(2, { kind: 'ended', end: endOf('lost'), ...run }))
    await fixture.pass(limits.retryBackoffMsMax)
    expect(await fixture.read(taskId)).not.toHaveProperty('partial')
  })
})
