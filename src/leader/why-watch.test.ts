import { beforeEach, describe, expect, it } from 'vitest'
import type { Queue } from '../contract/queue.js'
import type { Task } from '../contract/task.js'
import { nodeIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { Rules } from '../testing/core-fixture.js'
import { admin, LeaderFixture, registerOf } from '../testing/leader-fixture.js'
import { ManualClock } from '../testing/manual-clock.js'
import { WhyWatch } from './why-watch.js'

describe('walls that show why tasks wait', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  const cordon = (action: 'cordon' | 'uncordon', nodeId = 'master-1') =>
    fixture.settled(() => {
      const command = { name: 'control_node', nodeId: nodeIdOf(nodeId), action, deadlineMs: null } as const
      return fixture.leader.plane.execute(admin, { command, projectId: 'default' })
    })

  /** Reasons that a wall was told of a task, in order. */
  const told = (messages: readonly Record<string, unknown>[], taskId: string) =>
    messages
      .filter((message) => message.type === 'TASK_UPDATE' && (message.task as Task).taskId === taskId)
      .map((message) => (message.task as Task).waitReason?.code)

  it('[WY3] are told when it changes without the task, and not again while it stays', async () => {
    const wall = await fixture.wall()
    await fixture.rest()
    const taskId = await fixture.submit({ type: 'command', requirements: { labels: { zone: 'b' } } })
    expect(told(wall.messages, taskId)).toEqual(['worker_offline'])
    await fixture.connect(registerOf(1))
    await fixture.pass(limits.whyLookMs)
    expect(told(wall.messages, taskId)).toEqual(['worker_offline', 'no_label'])
    const { seq } = (wall.of('TASK_UPDATE').at(-1) ?? {}) as { seq: number }
    expect(seq).toBe(wall.of('TASK_UPDATE').at(0)?.seq)
    // The nearest master is busy now, which is no other reason.
    await fixture.submit()
    await fixture.pass(3 * limits.whyLookMs)
    expect(told(wall.messages, taskId)).toHaveLength(2)
    expect((await fixture.read(taskId)).waitReason).toMatchObject({
      code: 'no_label',
      nearest: { workerId: 'master-1', lacks: ['no_label', 'no_slot'] },
    })
  })

  it('[WY3] that were shown a picture, or follow one task, are told too', async () => {
    await fixture.connect(registerOf(1))
    await cordon('cordon')
    const taskId = await fixture.submit({ requirements: { labels: { zone: 'b' } } })
    const one = await fixture.wall()
    one.session.subscribe([`tasks:${taskId}`])
    const other = await fixture.wall()
    await fixture.rest()
    const { capabilities, ...register } = registerOf(1)
    const labels = { zone: 'b' }
    await fixture.connect({ ...register, capabilities: { ...capabilities, labels } }, 'master-2')
    expect(told(one.messages, taskId)).toEqual([undefined])
    expect(told(other.messages, taskId)).toEqual([undefined])
  })

  it('[WY3] are told other words for the same reason once in a while', async () => {
    const wall = await fixture.wall()
    await fixture.rest()
    await fixture.connect(registerOf(1))
    const taskId = await fixture.submit({ requirements: { labels: { zone: 'b' } } })
    const { capabilities, ...register } = registerOf(1)
    await fixture.connect(
      { ...register, capabilities: { ...capabilities, labels: { zone: 'a' } } },
      'a-master',
    )
    await fixture.pass(limits.whyLookMs)
    expect(told(wall.messages, taskId)).toHaveLength(1)
    for (let passedMs = 0; passedMs < limits.whyWordsMs; passedMs += limits.whyLookMs)
      await fixture.pass(limits.whyLookMs)
    const texts = wall.of('TASK_UPDATE').map(({ task }) => (task as Task).waitReason?.text)
    expect(texts.at(-1)).toMatch(/a-master has zone=a|does not answer/)
  })

  it(`[WY3] are told of ${limits.whyToldPerLook} tasks at a time, and of all in the end`, async () => {
    const wall = await fixture.wall()
    await fixture.rest()
    const count = limits.whyToldPerLook + 5
    const ids = await Promise.all(
      Array.from({ length: count }, () => fixture.submit({ requirements: { labels: { zone: 'b' } } })),
    )
    const changed = () => ids.filter((id) => told(wall.messages, id).at(-1) === 'no_label').length
    await fixture.connect(registerOf(1))
    await fixture.pass(limits.whyLookMs)
    expect(changed()).toBe(limits.whyToldPerLook)
    await fixture.pass(limits.whyLookMs)
    expect(changed()).toBe(count)
  })

  it('[WY3] that resume hear of every queued task', async () => {
    const taskId = await fixture.submit({ requirements: { labels: { zone: 'b' } } })
    const seq = 10_000
    const wall = await fixture.wall({ resume: { logId: 'l', seq } })
    await fixture.rest()
    const picture = wall.of('SNAPSHOT').find(({ topic }) => topic === 'tasks')
    expect(picture).toMatchObject({ items: [{ taskId, waitReason: { code: 'worker_offline' } }] })
  })

  it('[WY4] the queue has what waits by band and reason, what goes next, and the masters', async () => {
    await fixture.connect(registerOf(1))
    await cordon('cordon')
    await fixture.submit({ priority: 2 })
    const named = await fixture.submit({ priority: 9, requirements: { workerId: 'master-1' } })
    await fixture.submit({ type: 'scrape', payload: { actions: [{ tool: 'a' }] } })
    const queue = JSON.parse(await fixture.leader.plane.queue(admin)) as Queue
    expect(queue).toMatchObject({
      waiting: 3,
      bands: { high: 1, normal: 1, low: 1 },
      reasons: [
        { code: 'cordoned', tasks: 2, text: expect.stringContaining('agentflow uncordon master-1') },
        { code: 'no_capability', tasks: 1 },
      ],
      masters: [{ workerId: 'master-1', status: 'online', schedulable: false, waiting: 1 }],
    })
    expect(queue.next.map(({ priority }) => priority)).toEqual([9, 5, 2])
    expect(queue.next[0]).toMatchObject({ taskId: named, waitReason: { code: 'cordoned' } })
  })
})

it(`[WY3] of more than ${limits.whyTasksWatched} tasks the ones told last are held to be true`, () => {
  const rules = new Rules()
  const clock = new ManualClock()
  const told: string[] = []
  const watch: WhyWatch = new WhyWatch({
    state: rules.state,
    clock,
    tell: (tasks) => {
      for (const task of tasks) {
        watch.reasonOf(task)
        told.push(task.taskId)
      }
    },
  })
  const ids = Array.from({ length: limits.whyTasksWatched + 1 }, () => rules.submit({ type: 'scrape' }))
  for (const taskId of ids) watch.reasonOf(rules.task(taskId))
  rules.join('master-1')
  watch.turned({ nodesChanged: true })
  for (let look = 0; look <= limits.whyTasksWatched / limits.whyToldPerLook; look += 1)
    clock.pass(limits.whyLookMs)
  expect(told).toEqual(ids.slice(1))
  clock.pass(10 * limits.whyWordsMs)
  expect(told).toHaveLength(limits.whyTasksWatched)
})
