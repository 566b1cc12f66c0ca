import { beforeEach, describe, expect, it } from 'vitest'
import { asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { NodeUpdate } from '../ports/node-link.js'
import { admin, durable, heldRun, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

describe('node session', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  /** A master that was handed one run. */
  const assigned = async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit()
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    const lines = (offset: number, nextOffset: number): NodeUpdate => ({
      kind: 'lines',
      ...ref,
      stream: 'out',
      offset,
      nextOffset,
      lines: [{ atMs: 1, level: 'info', text: `from ${offset}` }],
      gapReason: null,
    })
    const running = durable(1, { kind: 'run', state: 'running', pid: 7, ...ref })
    return { node, ref, lines, running }
  }
  const acked = (node: Awaited<ReturnType<LeaderFixture['connect']>>) =>
    Math.max(0, ...node.of('ack').map((ack) => ack.uplinkSeq))

  it('[ST1] ends a stream that says more before the welcome', async () => {
    const got: string[] = []
    const eager = fixture.leader.gateway.open({
      nodeId: 'master-1',
      address: 'test',
      send: (commands) => got.push(...commands.map((command) => command.kind)),
      close: () => got.push('closed'),
    })
    const seq = fixture.disk.journal.lastSeq
    eager.receive([registerOf(1), durable(1, { kind: 'agents', agents: [] })], 100)
    await fixture.rest()
    expect(got).toEqual(['goodbye', 'closed'])
    expect(fixture.disk.journal.lastSeq).toBe(seq)
  })

  it('[ST2] acks a report that is said again no sooner than its commit', async () => {
    const { node, running } = await assigned()
    fixture.delays.commitMs = 100
    await node.send(running)
    await node.send(running)
    expect(acked(node)).toBe(0)
    await fixture.pass(100)
    expect(acked(node)).toBe(1)
  })

  it('[ST5] says that lines are stored when they are, also to the next stream', async () => {
    const { node, ref, lines } = await assigned()
    await node.send(lines(0, 4))
    fixture.delays.linesMs = 100
    await node.send(lines(4, 8))
    await node.send(lines(4, 8))
    expect(node.of('ack').at(-1)?.lines).toEqual([{ fence: ref.fence, stream: 'out', offset: 4 }])
    node.session.closed('cut')
    const held = heldRun(ref.taskId, ref.fence, { outBytes: 8 })
    const back = await fixture.connect(registerOf(1, { inventory: [held] }))
    expect(back.commands).toEqual([])
    for (let part = 0; part < 2; part += 1) await fixture.pass(100)
    expect(back.commands[0]).toMatchObject({
      kind: 'welcome',
      lines: [
        { stream: 'out', offset: 8 },
        { stream: 'err', offset: 0 },
      ],
    })
    const page = JSON.parse(await fixture.leader.plane.taskLines(admin, ref.taskId, 0, 10)) as {
      lines: { text: string }[]
    }
    expect(page.lines.map((line) => line.text)).toEqual(['from 0', 'from 4'])
  })

  it('[ST6] grants a master more room when what it sent is stored or decided, not before', async () => {
    const { node, lines, running } = await assigned()
    await node.send(lines(0, 1))
    fixture.delays.linesMs = 100
    fixture.delays.commitMs = 100
    const grants = () => node.of('credit').length
    expect(grants()).toBe(1)
    node.session.receive([running], limits.linkCreditBytes / 2)
    node.session.receive([lines(1, 2)], limits.linkCreditBytes / 2)
    await fixture.rest()
    expect(grants()).toBe(1)
    await fixture.pass(200)
    expect(grants()).toBeGreaterThan(1)
    expect(node.of('credit').at(-1)?.bytes).toBeGreaterThan(1.5 * limits.linkCreditBytes)
  })

  it('[RC4] never sends a command that has expired in the turn that gave it', async () => {
    const { node, ref, running } = await assigned()
    await node.send(running)
    const command = {
      name: 'control_task' as const,
      taskId: asTaskId(ref.taskId),
      action: 'pause' as const,
      timeoutMs: 0,
    }
    const answer = await fixture.settled(() =>
      fixture.leader.plane.execute(admin, { command, projectId: 'default' }),
    )
    const commandId = answer.kind === 'receipt' ? answer.commandId : ''
    expect(JSON.parse(await fixture.leader.plane.receipt(admin, commandId, 0))).toMatchObject({
      state: 'expired',
    })
    expect(node.of('control')).toEqual([])
  })

  it('[LV2] hears of a deaf master again on the stream that took the place of a deaf one', async () => {
    await fixture.connect(registerOf(1))
    const status = async () =>
      (JSON.parse(await fixture.leader.plane.worker(admin, 'master-1')) as { status: string }).status
    await fixture.pass(limits.pathPingTimeoutMs)
    expect(await status()).toBe('deaf')
    await fixture.connect(registerOf(1))
    expect(await status()).toBe('online')
    await fixture.pass(limits.pathPingTimeoutMs)
    expect(await status()).toBe('deaf')
  })
})
