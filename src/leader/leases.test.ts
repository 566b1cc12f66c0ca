import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { endOf } from '../testing/core-fixture.js'
import { durable, heldRun, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

const strict = { leaseClass: 'strict', onDisconnect: 'restart' }

describe('leases', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  /** A run of class strict on master-1, told as running. */
  async function running(more: Record<string, unknown> = strict) {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit(more)
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    return { node, taskId, ref }
  }
  const phase = async (taskId: string) => (await fixture.read(taskId)).phase

  it('[LS1] tells how often to renew, and grants a renewal for its class from the sending on', async () => {
    const { node } = await running()
    expect(node.commands[0]).toMatchObject({ leaseRenewMs: 5_000, strictRenewMs: 2_000 })
    const seq = fixture.disk.journal.lastSeq
    await node.send({ kind: 'lease', sentAtMs: 42 })
    expect(node.of('lease')).toEqual([{ kind: 'lease', sentAtMs: 42, ttlMs: 25_000, strictTtlMs: 5_000 }])
    expect(fixture.disk.journal.lastSeq).toBe(seq)
  })

  it('[LS3] [LS4] counts from the receipt of the last renewal, ends a stream that is silent, and stops the old run', async () => {
    const { node, taskId, ref } = await running()
    await fixture.pass(3_000)
    await node.send({ kind: 'lease', sentAtMs: 1 })
    const { leaseUntil } = await fixture.read(taskId)
    expect(leaseUntil).toBe(fixture.clock.wallMs() + limits.leaseStrictRedispatchMs)
    await fixture.pass(limits.leaseStrictRedispatchMs - 1)
    expect(await phase(taskId)).toBe('running')
    await fixture.pass(1)
    expect(await phase(taskId)).toBe('delayed')
    expect(node.of('control')).toMatchObject([{ action: 'cancel', fence: ref.fence }])
    expect(node.of('goodbye')).toHaveLength(1)
    expect(node.closed).toHaveLength(1)
  })

  it('[LS3] a late report of the old fence is evidence and changes nothing', async () => {
    const { taskId, ref } = await running()
    await fixture.pass(limits.leaseStrictRedispatchMs)
    const back = await fixture.connect(registerOf(1, { inventory: [heldRun(taskId, ref.fence)] }))
    await fixture.pass(2 * limits.retryBackoffMsDefault)
    const fence = back.of('task_request').at(-1)?.fence ?? 0
    expect(fence).toBeGreaterThan(ref.fence)
    expect(back.of('control')).toMatchObject([{ action: 'cancel', fence: ref.fence }])
    await back.send(durable(2, { kind: 'ended', ...ref, end: endOf('succeeded') }))
    expect(await fixture.read(taskId)).toMatchObject({ phase: 'assigned', attempt: 2, fence })
    expect(fixture.disk.journal.events.at(-1)?.json).toContain('RunSuperseded')
  })

  it('[LS6] a new leader knows no renewal: it waits the redispatch time and the lease of its predecessor', async () => {
    const { taskId } = await running()
    await fixture.start()
    await fixture.pass(limits.leaseStrictRedispatchMs + limits.leaderLeaseMs - 1)
    expect(await phase(taskId)).toBe('unknown')
    await fixture.pass(1)
    expect(await phase(taskId)).toBe('delayed')
  })

  it('[LS1] a disk that takes nothing ends no lease', async () => {
    const { node } = await running()
    fixture.delays.commitMs = 100_000
    const submitted = fixture.submit()
    await node.send({ kind: 'lease', sentAtMs: 1 })
    expect(node.of('lease')).toHaveLength(1)
    await fixture.pass(100_000)
    await submitted
  })

  it('[LS4] what is given up is granted nothing more, also before that is committed', async () => {
    const { node } = await running()
    fixture.delays.commitMs = 100
    await fixture.pass(limits.leaseStrictRedispatchMs)
    await node.send({ kind: 'lease', sentAtMs: 1 })
    await fixture.pass(100)
    expect(node.of('lease')).toEqual([])
    expect(node.closed).toHaveLength(1)
  })

  it('[LS3] a master that returns in time keeps its run', async () => {
    const { node, taskId, ref } = await running()
    node.session.closed('cut')
    await fixture.pass(limits.leaseStrictRedispatchMs - 1)
    await fixture.connect(registerOf(1, { inventory: [heldRun(taskId, ref.fence)] }))
    await fixture.pass(limits.leaseStrictRedispatchMs - 1)
    expect(await fixture.read(taskId)).toMatchObject({ phase: 'running', fence: ref.fence })
  })

  it('[LS7] a leader that was succeeded grants nothing, and ends', async () => {
    const { node } = await running()
    fixture.disk.journal.term += 1
    fixture.mayEnd = true
    await node.send({ kind: 'lease', sentAtMs: 1 })
    expect(fixture.ends).toEqual(['another process leads this log now'])
    expect(node.of('lease')).toEqual([])
  })

  it('[LS9] says why a task is unknown and what comes of it', async () => {
    const { node, taskId } = await running()
    expect((await fixture.read(taskId)).waitReason).toBeNull()
    node.session.closed('cut')
    await fixture.rest()
    expect((await fixture.read(taskId)).waitReason).toEqual({
      code: 'worker_offline',
      text: 'master-1 is silent. Unless it returns, the next attempt starts when its lease is over.',
      nearest: { workerId: 'master-1', lacks: ['worker_offline'] },
      limit: null,
      until: null,
    })
  })
})
