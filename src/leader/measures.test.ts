import { beforeEach, describe, expect, it } from 'vitest'
import { endOf } from '../testing/core-fixture.js'
import { admin, durable, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

describe('measures', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })
  const measures = () => fixture.settled(() => fixture.leader.plane.measures(admin))

  it('[MT4] count tasks as they come and end, by how they ended, with the time that they ran', async () => {
    const node = await fixture.connect(registerOf(1))
    const [ok, bad] = [await fixture.submit(), await fixture.submit({ retry: { attemptsMax: 1 } })]
    const waits = await fixture.submit()
    expect(await measures()).toMatchObject({
      tasksByStatus: { pending: 3, running: 0 },
      workersByStatus: { online: 1 },
      agentsByStatus: { busy: 1 },
      submitted: 3,
      ended: { completed: 0, failed: 0, cancelled: 0 },
    })
    for (const [n, taskId, outcome] of [
      [0, ok, 'succeeded'],
      [1, bad, 'exit'],
    ] as const) {
      const ref = { taskId, attempt: 1, fence: node.of('task_request').at(-1)?.fence ?? 0 }
      await node.send(durable(2 * n + 1, { kind: 'run', state: 'running', pid: 7, ...ref }))
      await fixture.pass(2_000)
      await node.send(durable(2 * n + 2, { kind: 'ended', end: endOf(outcome), ...ref }))
    }
    await fixture.control(waits, 'cancel')
    const { submitted, ended, durations } = await measures()
    // The third got the slot and was assigned, but a cancel of a run is over when its master says so.
    expect([submitted, ended]).toEqual([3, { completed: 1, failed: 1, cancelled: 0 }])
    for (const { counts, sumS } of [durations.completed, durations.failed])
      expect([counts.indexOf(1), counts.reduce((a, b) => a + b), sumS]).toEqual([5, 1, 2])
    expect(durations.cancelled.sumS).toBe(0)
  })

  it('[MT4] a task that is cancelled before it ran counts as ended, without a time', async () => {
    await fixture.control(await fixture.submit(), 'cancel')
    const { ended, durations } = await measures()
    expect(ended.cancelled).toBe(1)
    expect(durations.cancelled.counts.every((count) => count === 0)).toBe(true)
  })

  it('[TU6] wait for the commit of what they count', async () => {
    fixture.delays.commitMs = 1_000
    const submitted = fixture.submit()
    await fixture.rest()
    let told = false
    void fixture.leader.plane.measures(admin).then(() => {
      told = true
    })
    await fixture.rest()
    expect(told).toBe(false)
    await fixture.pass(1_000)
    expect(told).toBe(true)
    await fixture.pass(1_000)
    await submitted
  })
})
