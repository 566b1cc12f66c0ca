import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '../contract/socket.js'
import { limits } from '../core/limits.js'
import { Operator } from '../operator/operator.js'
import { endOf } from '../testing/core-fixture.js'
import { admin, durable, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

const topicsOf = (messages: Record<string, unknown>[]) => messages.map((message) => message.topic)

describe('walls', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture((leader, streams) => {
      const { clock, random } = fixture
      const operator = new Operator({
        plane: leader.plane,
        streams,
        clock,
        random,
        say: (record) => leader.say(record),
      })
      return (caller, message) => void operator.ask(caller, message)
    })
    await fixture.start()
  })

  it('[AC8] ends with its session, which a renewal moves', async () => {
    const code = await fixture.settled(() => fixture.leader.logins.issueLoginCode())
    const { token } = await fixture.settled(() => fixture.leader.plane.login(code))
    const principal = fixture.leader.plane.authenticate(token)
    if (principal === null) throw new Error('the session opens nothing')
    const closed: number[] = []
    const sink = {
      send: () => undefined,
      bufferedBytes: () => 0,
      close: (status: number) => closed.push(status),
    }
    const caller = { principal, via: 'ws', traceId: 'wall' } as const
    fixture.leader.plane.openWall(caller, sink, { frames: true, resume: null })
    await fixture.pass(limits.sessionMs / 2)
    await fixture.settled(() => fixture.leader.plane.renew(token))
    await fixture.pass(limits.sessionMs - 1_000)
    expect(closed).toEqual([])
    await fixture.pass(1_000)
    expect(closed).toEqual([closeCodes.notAuthenticated])
  })

  /** A master with one running task. */
  const running = async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit({ name: 'the build' })
    const run = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...run }))
    return { node, taskId, run }
  }

  it('[WL1] without SUBSCRIBE a wall gets a picture of everything and every change', async () => {
    const wall = await fixture.wall()
    await fixture.rest()
    expect(wall.messages[0]).toMatchObject({ type: 'AUTH_OK', logId: 'l', term: 1, role: 'admin' })
    expect(topicsOf(wall.of('SNAPSHOT')).sort()).toEqual([
      'alerts',
      'limits',
      'logs',
      'nodes',
      'schedules',
      'tasks',
      'templates',
      'triggers',
      'work',
    ])
    const { taskId } = await running()
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('NODE_STATUS').at(-1)).toMatchObject({ node: { workerId: 'master-1', busyAgents: 1 } })
    expect(wall.of('TASK_UPDATE').at(-1)).toMatchObject({
      task: { taskId, phase: 'running', workerId: 'master-1' },
    })
  })

  it('[WL1] SUBSCRIBE narrows and sends a picture of each new topic', async () => {
    const { taskId } = await running()
    const wall = await fixture.wall()
    wall.session.subscribe([`tasks:${taskId}`])
    await fixture.rest()
    expect(wall.of('SNAPSHOT')).toMatchObject([{ topic: `tasks:${taskId}`, items: [{ taskId }], total: 1 }])
    await fixture.submit({ name: 'another' })
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('TASK_UPDATE')).toEqual([])
    expect(wall.of('NODE_STATUS')).toEqual([])
  })

  it('[WL1] a limit of runs is pictured, and told when it is set and when it is gone', async () => {
    const wall = await fixture.wall()
    const set = { name: 'set_limit', scope: 'key', value: 'a', runsMax: 1, rate: null } as const
    await fixture.settled(() => fixture.leader.plane.execute(admin, { command: set, projectId: 'default' }))
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('LIMIT_UPDATE')).toMatchObject([{ limit: { limitId: 'key:a', runsMax: 1 } }])
    const later = await fixture.wall()
    later.session.subscribe(['limits'])
    await fixture.rest()
    expect(later.of('SNAPSHOT')).toMatchObject([{ topic: 'limits', items: [{ limitId: 'key:a' }] }])
    const remove = { name: 'change_limit', limitId: 'key:a', action: 'delete' } as const
    await fixture.settled(() =>
      fixture.leader.plane.execute(admin, { command: remove, projectId: 'default' }),
    )
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('LIMIT_UPDATE').at(-1)).toMatchObject({ limit: { limitId: 'key:a' }, removed: true })
  })

  it('[WL2] a wall that resumes gets only what changed since its seq, and everything when the log is another', async () => {
    const { node, run, taskId } = await running()
    const first = await fixture.wall()
    await fixture.rest()
    const seq = Number(first.messages[0]?.seq)
    first.session.closed()
    const queued = await fixture.submit({ name: 'later' })
    const back = await fixture.wall({ resume: { logId: 'l', seq } })
    back.session.subscribe(['tasks'])
    await fixture.rest()
    expect(back.of('SNAPSHOT')).toMatchObject([
      { topic: 'tasks', resumed: true, items: [{ taskId: queued }] },
    ])
    await node.send(durable(2, { kind: 'ended', end: endOf('succeeded'), ...run }))
    const other = await fixture.wall({ resume: { logId: 'another', seq } })
    other.session.subscribe(['tasks'])
    await fixture.rest()
    const [snapshot] = other.of('SNAPSHOT') as { items: { taskId: string }[]; resumed?: boolean }[]
    expect(snapshot?.resumed).toBeUndefined()
    expect(snapshot?.items.map((task) => task.taskId).sort()).toEqual([taskId, queued].sort())
  })

  it('[WL2] a wall that missed more changes than a picture holds gets the whole picture', async () => {
    const first = await fixture.wall()
    await fixture.rest()
    const seq = Number(first.messages[0]?.seq)
    first.session.closed()
    const count = limits.wallSnapshotTasksMax + 1
    await Promise.all(Array.from({ length: count }, () => fixture.submit()))
    const back = await fixture.wall({ resume: { logId: 'l', seq } })
    back.session.subscribe(['tasks'])
    await fixture.rest()
    const [snapshot] = back.of('SNAPSHOT') as { items: unknown[]; total: number; resumed?: boolean }[]
    expect(snapshot?.resumed).toBeUndefined()
    expect([snapshot?.items.length, snapshot?.total]).toEqual([limits.wallSnapshotTasksMax, count])
  })

  it('[WL2] resumes the topics that it asks for first; a later one is whole', async () => {
    const { taskId } = await running()
    const first = await fixture.wall()
    await fixture.rest()
    const seq = Number(first.messages[0]?.seq)
    const back = await fixture.wall({ resume: { logId: 'l', seq } })
    back.session.subscribe(['alerts'])
    back.session.subscribe(['tasks'])
    await fixture.rest()
    const [alerts, tasks] = back.of('SNAPSHOT')
    expect(alerts).toMatchObject({ topic: 'alerts', resumed: true })
    expect(tasks).toMatchObject({ topic: 'tasks', items: [{ taskId }] })
    expect(tasks).not.toHaveProperty('resumed')
  })

  it('[WL1] a SUBSCRIBE over the limit of topics is refused and changes nothing', async () => {
    const wall = await fixture.wall()
    wall.session.subscribe(['alerts'])
    wall.session.subscribe(Array.from({ length: limits.wallTopicsMax }, (_, n) => `tasks:t${n}`))
    wall.session.subscribe(['nodes'])
    await fixture.rest()
    expect(wall.of('ERROR')).toMatchObject([{ error: { code: 'too_large' } }])
    expect(topicsOf(wall.of('SNAPSHOT'))).toEqual(['alerts', 'nodes'])
  })

  it('[WL9] a command of a wall comes back as every step of its receipt, with its request id', async () => {
    const { node, taskId, run } = await running()
    const wall = await fixture.wall()
    wall.session.subscribe(['nodes'])
    wall.session.command({ requestId: 'r1', action: 'pause', taskId })
    await fixture.rest()
    const [signal] = node.of('control')
    expect(signal).toMatchObject({ action: 'pause', fence: run.fence })
    await node.send(
      durable(2, {
        kind: 'receipt',
        commandId: signal?.commandId ?? '',
        state: 'done',
        detail: '2 processes read T',
      }),
    )
    const receipts = wall.of('RECEIPT') as { requestId: string; receipt: { state: string } }[]
    expect(receipts.map((message) => [message.requestId, message.receipt.state])).toEqual([
      ['r1', 'sent'],
      ['r1', 'done'],
    ])
  })

  it('a command that cannot work is an error on that request alone', async () => {
    const wall = await fixture.wall()
    wall.session.command({ requestId: 'r1', action: 'pause', taskId: 'tnone' })
    await fixture.rest()
    expect(wall.of('ERROR')).toMatchObject([{ requestId: 'r1', error: { code: 'task_not_found' } }])
  })

  it('pushes samples as they come: meters by worker, progress by task, older ones dropped', async () => {
    const { node, run, taskId } = await running()
    const wall = await fixture.wall()
    await fixture.rest()
    const metrics = (atMs: number, cpu: number) => ({
      kind: 'metrics' as const,
      atMs,
      cpu,
      memory: 0.5,
      disk: 0.1,
      rxBytesPerS: 1,
      txBytesPerS: 2,
    })
    await node.send(metrics(2_000, 0.4), metrics(1_000, 0.9))
    const progress = {
      kind: 'progress' as const,
      ...run,
      atMs: 1,
      progress: 0.25,
      text: null,
      pid: 7,
      cpuCores: 0,
      memoryBytes: 0,
    }
    await node.send(progress)
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('METRICS').at(-1)).toMatchObject({
      nodes: [{ workerId: 'master-1', cpu: 0.4, at: 2_000 }],
    })
    expect(wall.of('TASK_UPDATE').at(-1)).toMatchObject({ task: { taskId, progress: 0.25 } })
  })

  it('[WL10] a slash command does the act, answers after the final receipt, and is heard by all who follow', async () => {
    const { node, taskId } = await running()
    const [asker, other] = [await fixture.wall(), await fixture.wall()]
    for (const wall of [asker, other]) wall.session.subscribe(['chat:default:master-1'])
    await fixture.rest()
    asker.session.chat({ text: '/pause the build', targetContext: 'default:master-1', requestId: 'q1' })
    await fixture.pass(limits.wallFrameMsMax)
    const [signal] = node.of('control')
    expect(other.of('CHAT_RESPONSE')).toMatchObject([{ role: 'user', text: '/pause the build' }])
    await node.send(
      durable(2, {
        kind: 'receipt',
        commandId: signal?.commandId ?? '',
        state: 'done',
        detail: '1 process reads T',
      }),
    )
    await fixture.pass(limits.wallFrameMsMax)
    for (const wall of [asker, other]) {
      expect(wall.of('CHAT_RESPONSE').at(-1)).toMatchObject({
        requestId: 'q1',
        role: 'assistant',
        done: true,
        text: `pause the build (${taskId}): done — 1 process reads T`,
      })
    }
  })

  it.each([
    ['/help', /\/run \[--on MASTER\]/],
    ['/nodes', /master-1 {2}online {2}1\/1 busy/],
    ['/tasks', /running {2}the build {2}on master-1/],
    ['/run echo hello', /is submitted: echo hello/],
    ['/run', /needs a command/],
    ['/fly', /there is no \/fly/],
    ['/cancel nothing like it', /there is no task "nothing like it" here/],
    ['pause the build please', /Claude is not connected/],
  ])('answers %s', async (text, answer) => {
    await running()
    const wall = await fixture.wall()
    wall.session.subscribe(['chat:default:master-1'])
    wall.session.chat({ text, targetContext: 'default:master-1' })
    await fixture.rest()
    await fixture.pass(limits.wallFrameMsMax)
    expect(String(wall.of('CHAT_RESPONSE').at(-1)?.text)).toMatch(answer)
  })

  it('[WL10] finds a task by its name among more tasks than a list shows', async () => {
    await running()
    const taskId = await fixture.submit({ name: 'the deploy' })
    for (let n = 0; n < limits.pageDefault; n += 1) await fixture.submit({ name: `another ${n}` })
    const wall = await fixture.wall()
    wall.session.chat({ text: '/cancel DEPLOY', targetContext: 'default:*' })
    await fixture.rest()
    expect((await fixture.read(taskId)).status).toBe('cancelled')
  })

  it('keeps a chat: a wall that comes later has its history', async () => {
    const wall = await fixture.wall()
    wall.session.chat({ text: '/help', targetContext: '*:*' })
    await fixture.rest()
    await fixture.start()
    const later = await fixture.wall()
    later.session.subscribe(['chat:*:*'])
    await fixture.rest()
    expect(later.of('SNAPSHOT')).toMatchObject([
      { items: [{ role: 'user', text: '/help' }, { role: 'assistant' }] },
    ])
  })
})
