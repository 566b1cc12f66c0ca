import { beforeEach, describe, expect, it } from 'vitest'
import { toTaskSpec } from '../contract/catalogue.js'
import { asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { NodeUpdate } from '../ports/node-link.js'
import { endOf } from '../testing/core-fixture.js'
import { admin, durable, heldRun, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

describe('leader', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  it('[ST1] welcomes a register and ends a stream that begins with anything else', async () => {
    const good = await fixture.connect(registerOf(1))
    expect(good.commands[0]).toMatchObject({
      kind: 'welcome',
      term: 1,
      logId: 'l',
      resumed: false,
      ackedUplinkSeq: 0,
    })
    expect(good.of('credit')[0]).toMatchObject({ messages: limits.linkCreditMessages })
    const bad = await fixture.connect({ kind: 'ping', nonce: 1 } as never, 'master-2')
    expect(bad.of('goodbye')[0]).toMatchObject({ code: 'invalid_request' })
    expect(bad.closed).toHaveLength(1)
  })

  it('[ST2] [ST3] acks a report after its commit, and drops and acks a repeat', async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const [request] = node.of('task_request')
    const ref = { taskId, attempt: 1, fence: request?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    expect(node.of('ack').at(-1)).toMatchObject({ incarnation: 1, uplinkSeq: 1 })
    const seq = fixture.disk.journal.lastSeq
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    expect(fixture.disk.journal.lastSeq).toBe(seq)
    expect(node.of('ack').at(-1)).toMatchObject({ uplinkSeq: 1 })
    expect((await fixture.read(taskId)).phase).toBe('running')
  })

  it('[ST3] resumes an uplink where the log has it, also at the next leader', async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    await fixture.start()
    const held = heldRun(taskId, ref.fence)
    const back = await fixture.connect(registerOf(1, { inventory: [held] }))
    expect(back.commands[0]).toMatchObject({ kind: 'welcome', term: 2, ackedUplinkSeq: 1 })
    expect(back.of('task_request')).toEqual([])
  })

  it('[ST4] resumes commands after the last one handled, and states everything when that is not kept', async () => {
    const first = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const request = first.of('task_request')[0]
    first.session.closed('cut')
    await fixture.rest()
    const resume = { term: 1, logId: 'l', commandSeq: 0 }
    const second = await fixture.connect(registerOf(1, resume))
    expect(second.commands[0]).toMatchObject({ resumed: true })
    expect(second.of('task_request')).toEqual([request])
    await second.send({ kind: 'ack', commandSeq: request?.commandSeq ?? 0 })
    second.session.closed('cut')
    await fixture.rest()
    const third = await fixture.connect(registerOf(2))
    expect(third.commands[0]).toMatchObject({ resumed: false })
    expect(third.of('task_request')).toMatchObject([{ taskId, fence: request?.fence }])
  })

  it('[ST4] a resumed stream receives what was wanted of it while it was away', async () => {
    const first = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const request = first.of('task_request')[0]
    const ref = { taskId, attempt: 1, fence: request?.fence ?? 0 }
    const commandSeq = request?.commandSeq ?? 0
    await first.send(
      { kind: 'ack', commandSeq },
      durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }),
    )
    first.session.closed('cut')
    await fixture.rest()
    await fixture.control(taskId, 'cancel')
    const resume = { term: 1, logId: 'l', commandSeq }
    const held = heldRun(taskId, ref.fence)
    const second = await fixture.connect(registerOf(1, { ...resume, inventory: [held] }))
    expect(second.commands[0]).toMatchObject({ resumed: true })
    expect(second.of('control')).toMatchObject([{ action: 'cancel', fence: ref.fence }])
    await second.send(
      { kind: 'ack', commandSeq: commandSeq + 1 },
      durable(2, { kind: 'ended', end: endOf('cancelled'), ...ref }),
    )
    second.session.closed('cut')
    await fixture.rest()
    const queued = await fixture.submit()
    const third = await fixture.connect(registerOf(1, { ...resume, commandSeq: commandSeq + 1 }))
    expect(third.commands[0]).toMatchObject({ resumed: true })
    expect(third.of('task_request')).toMatchObject([{ taskId: queued, commandSeq: commandSeq + 2 }])
  })

  it('[ST9] a malformed update ends its stream alone', async () => {
    const bad = await fixture.connect(registerOf(1))
    const good = await fixture.connect(registerOf(1), 'master-2')
    await bad.send(registerOf(1))
    expect(bad.of('goodbye')).toHaveLength(1)
    expect(good.closed).toEqual([])
  })

  it('[ST10] refuses a second live process of the same name, and takes the same process again', async () => {
    const first = await fixture.connect(registerOf(1))
    const other = await fixture.connect(registerOf(2))
    expect(other.of('goodbye')[0]).toMatchObject({ code: 'node_conflict' })
    expect(first.closed).toEqual([])
    const again = await fixture.connect(registerOf(1))
    expect(first.closed).toHaveLength(1)
    expect(again.commands[0]).toMatchObject({ kind: 'welcome' })
  })

  it('[LV2] calls a master deaf whose path ping stays unanswered, and hears it again', async () => {
    const node = await fixture.connect(registerOf(1))
    fixture.clock.pass(limits.pathPingTimeoutMs)
    await fixture.rest()
    const status = async () =>
      (JSON.parse(await fixture.leader.plane.worker(admin, 'master-1')) as { status: string }).status
    expect(await status()).toBe('deaf')
    await node.send({ kind: 'pong', nonce: node.of('ping')[0]?.nonce ?? 0 })
    expect(await status()).toBe('online')
  })

  it('[LV5] with no change a link carries one ping per interval and nothing else', async () => {
    const node = await fixture.connect(registerOf(1))
    const answer = async () => node.send({ kind: 'pong', nonce: node.of('ping').at(-1)?.nonce ?? 0 })
    await answer()
    const before = node.commands.length
    for (let round = 0; round < 3; round += 1) {
      fixture.clock.pass(limits.pathPingIntervalMs)
      await answer()
    }
    expect(node.commands.slice(before).map((command) => command.kind)).toEqual(['ping', 'ping', 'ping'])
  })

  it('[RC2] holds a command until its receipt is final: the next leader owes it too', async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    const asked = fixture.leader.plane.execute(admin, {
      command: { name: 'control_task', taskId: asTaskId(taskId), action: 'cancel', timeoutMs: null },
      projectId: 'default',
    })
    await fixture.rest()
    const answer = await asked
    await fixture.start()
    const held = heldRun(taskId, ref.fence)
    const back = await fixture.connect(registerOf(1, { inventory: [held] }))
    expect(back.of('control')).toMatchObject([
      { commandId: answer.kind === 'receipt' ? answer.commandId : '', action: 'cancel', fence: ref.fence },
    ])
    await back.send(durable(2, { kind: 'ended', end: endOf('cancelled'), ...ref }))
    expect((await fixture.read(taskId)).status).toBe('cancelled')
  })

  it('[RN6] a new leader gives work to a master once its stream is open, not to one that stays away', async () => {
    await fixture.connect(registerOf(1))
    await fixture.start()
    const taskId = await fixture.submit()
    expect((await fixture.read(taskId)).phase).toBe('queued')
    const back = await fixture.connect(registerOf(1))
    expect(back.of('task_request')).toMatchObject([{ taskId }])
  })

  it('stops a run that no task claims any more', async () => {
    const held = heldRun('t1', 99)
    const node = await fixture.connect(registerOf(1, { inventory: [held] }))
    expect(node.of('control')).toMatchObject([{ commandId: 'stop-99', action: 'cancel', fence: 99 }])
  })

  it('[ST5] stores lines once by offset, says where a hole is, and tells the master where to go on', async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    const lines = (offset: number, nextOffset: number, text: string): NodeUpdate => ({
      kind: 'lines',
      ...ref,
      stream: 'out',
      offset,
      nextOffset,
      lines: [{ atMs: 1, level: 'info', text }],
      gapReason: null,
    })
    await node.send(lines(0, 4, 'one'), lines(0, 4, 'one'), lines(10, 14, 'two'))
    const page = JSON.parse(await fixture.leader.plane.taskLines(admin, taskId, 0, 10)) as {
      lines: unknown[]
    }
    expect(page.lines).toMatchObject([
      { n: 1, text: 'one' },
      { n: 2, gap: { from: 4, to: 10 } },
      { n: 3, text: 'two' },
    ])
    expect(node.of('ack').at(-1)?.lines).toEqual([{ fence: ref.fence, stream: 'out', offset: 14 }])
    node.session.closed('cut')
    const held = heldRun(taskId, ref.fence, { outBytes: 14 })
    const back = await fixture.connect(registerOf(1, { inventory: [held] }))
    expect(back.commands[0]).toMatchObject({
      lines: [
        { stream: 'out', offset: 14 },
        { stream: 'err', offset: 0 },
      ],
    })
  })

  it('gives every line to who asks once the end was told', async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    const text = { atMs: 1, level: 'info', text: 'one' } as const
    const lines: NodeUpdate = {
      kind: 'lines',
      ...ref,
      stream: 'out',
      offset: 0,
      nextOffset: 4,
      lines: [text],
      gapReason: null,
    }
    node.session.receive([lines], 10)
    const reading = fixture.leader.plane.taskLines(admin, taskId, 0, 10)
    await fixture.rest()
    const page = JSON.parse(await reading) as { lines: unknown[] }
    expect(page.lines).toMatchObject([{ n: 1, text: 'one' }])
  })

  it('[AC2] a login code opens one session, which outlives the leader and can be renewed', async () => {
    const issuing = fixture.leader.logins.issueLoginCode()
    await fixture.rest()
    const code = await issuing
    const opening = fixture.leader.plane.login(code)
    await fixture.rest()
    const { token } = await opening
    await expect(fixture.leader.plane.login(code)).rejects.toMatchObject({ code: 'login_code_invalid' })
    await fixture.start()
    expect(fixture.leader.plane.authenticate(token)).toMatchObject({ kind: 'user', role: 'admin' })
    fixture.clock.pass(limits.sessionMs / 2)
    const renewing = fixture.leader.plane.renew(token)
    await fixture.rest()
    await renewing
    fixture.clock.pass(limits.sessionMs / 2 + 1)
    expect(fixture.leader.plane.authenticate(token)).not.toBeNull()
    fixture.clock.pass(limits.sessionMs)
    expect(fixture.leader.plane.authenticate(token)).toBeNull()
  })

  it('[AC2] a session opens nothing before its commit, and all the while it is renewed', async () => {
    const code = await fixture.settled(() => fixture.leader.logins.issueLoginCode())
    fixture.delays.commitMs = 100
    const opening = fixture.leader.plane.login(code)
    await fixture.rest()
    const token = 'afs_2'
    expect(fixture.leader.plane.authenticate(token)).toBeNull()
    await fixture.pass(100)
    expect((await opening).token).toBe(token)
    const renewing = fixture.leader.plane.renew(token)
    await fixture.rest()
    expect(fixture.leader.plane.authenticate(token)).not.toBeNull()
    await fixture.pass(100)
    await renewing
  })

  it('[ID2] knows an idempotency key after its task left memory', async () => {
    const node = await fixture.connect(registerOf(1))
    const { spec, projectId } = toTaskSpec({ type: 'command', payload: { command: ['true'] } }, 'key')
    const once = async () => {
      const answer = fixture.leader.plane.execute(admin, {
        command: { name: 'submit_task', spec },
        projectId,
      })
      await fixture.rest()
      return answer
    }
    const first = await once()
    const taskId = first.kind === 'task' ? first.taskId : ''
    await node.send(
      durable(1, {
        kind: 'ended',
        end: endOf('succeeded'),
        taskId,
        attempt: 1,
        fence: node.of('task_request')[0]?.fence ?? 0,
      }),
    )
    const cancelled = limits.tasksFinishedKept + limits.tasksRetireSlack
    for (let n = 0; n < cancelled; n += 1) {
      const filler = toTaskSpec({ type: 'nothing', payload: { command: ['true'] } }, null)
      void fixture.leader.plane.execute(admin, {
        command: { name: 'submit_task', spec: filler.spec },
        projectId,
      })
    }
    await fixture.rest()
    const page = JSON.parse(await fixture.leader.plane.stats(admin)) as { tasks: { pending: number } }
    expect(page.tasks.pending).toBe(cancelled)
    for (let seq = 1; seq <= fixture.disk.journal.lastSeq; seq += 1) {
      const id = asTaskId(`t${seq.toString(32)}`)
      void fixture.leader.plane
        .execute(admin, {
          command: { name: 'control_task', taskId: id, action: 'cancel', timeoutMs: null },
          projectId,
        })
        .catch(() => undefined)
    }
    for (let round = 0; round < 5; round += 1) await fixture.rest()
    const stats = JSON.parse(await fixture.leader.plane.stats(admin)) as {
      tasks: { cancelled: number; completed: number }
    }
    expect(stats.tasks).toMatchObject({ cancelled, completed: 1 })
    expect(await once()).toEqual({ kind: 'task', taskId, created: false })
    expect((await fixture.read(taskId)).status).toBe('completed')
  })

  it('tells the newest commands on a task, up to its limit', async () => {
    const taskId = await fixture.submit()
    const cycles = limits.taskReceiptsMax / 2 + 1
    let lastId = ''
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await fixture.control(taskId, 'cancel')
      const retried = await fixture.control(taskId, 'retry')
      if (retried.kind === 'receipt') lastId = retried.commandId
    }
    const other = await fixture.submit()
    await fixture.control(other, 'cancel')
    const { receipts } = JSON.parse(await fixture.leader.plane.taskReceipts(admin, taskId)) as {
      receipts: { commandId: string; action: string; taskId: string; steps: { detail: string }[] }[]
    }
    expect(receipts).toHaveLength(limits.taskReceiptsMax)
    expect(receipts.every((receipt) => receipt.taskId === taskId)).toBe(true)
    const [newest, before] = receipts
    expect([newest?.action, before?.action]).toEqual(['retry', 'cancel'])
    expect(newest?.commandId).toBe(lastId)
  })
})
