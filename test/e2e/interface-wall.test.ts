import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertSchema } from '../../src/contract/alert.js'
import { taskSchema } from '../../src/contract/task.js'
import { workerSchema } from '../../src/contract/worker.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { type Message, WallPeer } from './wall-peer.js'

let fleet: Fleet
const peers: WallPeer[] = []
const open = async (topics: readonly string[] = [], auth: object = {}): Promise<WallPeer> => {
  const peer = await WallPeer.open(fleet.ready, topics, auth)
  peers.push(peer)
  return peer
}
/** A socket that has not said anything. */
const stranger = async (origin?: string): Promise<WallPeer> => {
  const peer = new WallPeer(fleet.ready.ws, { origin })
  peers.push(peer)
  await peer.connected()
  return peer
}
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  for (const peer of peers) peer.close()
  await fleet.stop()
})

interface TaskLike {
  readonly taskId: string
  readonly phase: string
  readonly name: string
}
const taskOf = (message: Message): TaskLike => (message.task ?? {}) as TaskLike
const update = (taskId: string, phase: string) => (message: Message) =>
  message.type === 'TASK_UPDATE' && taskOf(message).taskId === taskId && taskOf(message).phase === phase
const snapshot = (topic: string) => (message: Message) =>
  message.type === 'SNAPSHOT' && message.topic === topic

describe('WS', () => {
  it('says AUTH_OK first; without SUBSCRIBE everything comes', async () => {
    const peer = await open()
    expect(peer.heard[0]).toMatchObject({
      type: 'AUTH_OK',
      user: 'admin',
      role: 'admin',
      term: expect.any(Number),
      seq: expect.any(Number),
      logId: expect.any(String),
    })
    for (const topic of ['nodes', 'tasks', 'alerts', 'logs'])
      await peer.until(`the picture of ${topic}`, snapshot(topic))
    const taskId = await fleet.submit(['echo', 'hello wall'])
    const over = await peer.until('the end', update(taskId, 'succeeded'))
    taskSchema.strict().parse(over.task)
    expect(over.seq).toEqual(expect.any(Number))
    await peer.until(
      'its line',
      ({ type, lines }) => type === 'LOG' && JSON.stringify(lines).includes('hello wall'),
    )
    const node = await peer.until('its master', ({ type }) => type === 'NODE_STATUS')
    workerSchema.strict().parse(node.node)
    // Meters are pushed on change, so something must change.
    const busy = 'const until = Date.now() + 3000; while (Date.now() < until);'
    await fleet.submit([process.execPath, '-e', busy])
    const metrics = await peer.until('metrics', ({ type }) => type === 'METRICS', 40_000)
    expect((metrics.nodes as object[])[0]).toMatchObject({
      workerId: 'master-1',
      cpu: expect.any(Number),
      rttMs: expect.anything(),
    })
  })

  it('SUBSCRIBE narrows and sends a picture of each new topic; UNSUBSCRIBE ends one', async () => {
    const quiet = await fleet.submit(['sleep', '300'])
    const peer = await open([`tasks:${quiet}`])
    await peer.until('its picture', snapshot(`tasks:${quiet}`))
    const other = await fleet.submit(['true'])
    peer.send({ type: 'SUBSCRIBE', topics: ['nodes'] })
    await peer.until('the picture of nodes', snapshot('nodes'))
    peer.send({ type: 'UNSUBSCRIBE', topics: ['nodes'] })
    await fleet.post(`/api/tasks/${quiet}/cancel?wait=20000`)
    await peer.until('the cancel', update(quiet, 'cancelled'))
    expect(
      peer.heard.filter((message) => message.type === 'TASK_UPDATE' && taskOf(message).taskId === other),
    ).toEqual([])
  })

  it('[WL3] frames cover (from, to] without a hole, and are acked', async () => {
    const peer = await open(['tasks'], { frames: true })
    await peer.until('the picture', snapshot('tasks'))
    const taskId = await fleet.submit(['true'])
    await peer.until('the end', update(taskId, 'succeeded'))
    const frames = peer.heard.filter(({ type }) => type === 'FRAME') as unknown as {
      from: number
      to: number
    }[]
    expect(frames.length).toBeGreaterThan(0)
    for (const [index, frame] of frames.entries()) {
      if (index > 0) expect(frame.from).toBe(frames[index - 1]?.to)
      expect(frame.to).toBeGreaterThan(frame.from)
    }
    peer.send({ type: 'ACK', seq: frames.at(-1)?.to })
    const next = await fleet.submit(['true'])
    await peer.until('the next end', update(next, 'succeeded'))
  })

  it('[WL2] resumes with (logId, seq): only what changed since', async () => {
    const before = await fleet.submit(['true'])
    const first = await open(['tasks'], { frames: true })
    await first.until(
      'the end',
      (message) =>
        update(before, 'succeeded')(message) ||
        (snapshot('tasks')(message) && JSON.stringify(message.items).includes(before)),
    )
    await poll('the end', async () =>
      (await fleet.json<TaskLike>(`/api/tasks/${before}`)).phase === 'succeeded' ? true : null,
    )
    const { logId, seq } = await fleet.json<{ logId: string; seq: number }>('/api/stats')
    first.close()
    const meanwhile = await fleet.submit(['true'])
    await poll('the end', async () =>
      (await fleet.json<TaskLike>(`/api/tasks/${meanwhile}`)).phase === 'succeeded' ? true : null,
    )
    const again = await open(['tasks'], { frames: true, resume: { logId, seq } })
    const { items } = await again.until('the picture', snapshot('tasks'))
    expect((items as TaskLike[]).map(({ taskId }) => taskId)).toEqual([meanwhile])
  })

  it('[WL9] COMMAND is answered by RECEIPTs to its final state', async () => {
    const peer = await open(['tasks'])
    const taskId = await fleet.submit(['sleep', '300'])
    await peer.until('the run', update(taskId, 'running'))
    for (const [requestId, action, state] of [
      ['r1', 'pause', 'done'],
      ['r2', 'resume', 'done'],
      ['r3', 'cancel', 'stopped'],
    ]) {
      peer.send({ type: 'COMMAND', requestId, action, taskId, timeoutMs: 20_000 })
      await peer.until(
        `${action} ${state}`,
        (message) =>
          message.type === 'RECEIPT' &&
          message.requestId === requestId &&
          (message.receipt as { state: string }).state === state,
      )
    }
    peer.send({ type: 'COMMAND', requestId: 'r4', action: 'pause', taskId: 't0' })
    const error = await peer.until(
      'the refusal',
      ({ type, requestId }) => type === 'ERROR' && requestId === 'r4',
    )
    expect(error.error).toMatchObject({ code: 'task_not_found' })
  })

  it('[AL6] ALERT is raised by a stall, tells who is on it or put it aside, and clears itself', async () => {
    const peer = await open(['alerts', 'tasks'])
    const taskId = await fleet.submit(['sh', '-c', 'echo quiet now; sleep 300'], { stallAfterMs: 1000 })
    const { type: _, ...alert } = await peer.until(
      'the alert',
      ({ type, taskId: about }) => type === 'ALERT' && about === taskId,
    )
    expect(alertSchema.strict().parse(alert)).toMatchObject({
      level: 'warning',
      kind: 'stall',
      state: 'raised',
      nodeId: 'master-1',
      evidence: { lines: ['quiet now'] },
    })
    const told = (state: string) =>
      peer.until(
        `${state} on the wall`,
        (message) => message.type === 'ALERT' && message.taskId === taskId && message.state === state,
      )
    const path = `/api/alerts/${String(alert.alertId)}`
    await fleet.post(`${path}/ack`, { reason: 'on it' })
    expect(await told('acked')).toMatchObject({ handling: { by: 'admin', reason: 'on it', until: null } })
    const untilMs = Date.now() + 3600_000
    await fleet.post(`${path}/shelve`, { reason: 'planned work', untilMs })
    expect(await told('shelved')).toMatchObject({ handling: { reason: 'planned work', until: untilMs } })
    await fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)
    await peer.until(
      'the all-clear',
      (message) => message.type === 'ALERT' && message.taskId === taskId && message.state === 'cleared',
    )
  })

  it('[WL6] [WL7] closes with the codes of the contract, and the others go on', async () => {
    const bystander = await open(['tasks'])
    const cases: readonly (readonly [number, string])[] = [
      [4400, 'hello'],
      [4400, '[]'],
      [4400, '{"type":"EXPLODE"}'],
      [4401, '{"type":"AUTH","token":"afp_wrong"}'],
      [4401, '{"type":"SUBSCRIBE","topics":["nodes"]}'],
      [4413, `{"type":"AUTH","token":"${'x'.repeat(70_000)}"}`],
    ]
    for (const [code, text] of cases) {
      const peer = await stranger()
      peer.send(text)
      expect([text.slice(0, 40), await peer.closed]).toEqual([text.slice(0, 40), code])
    }
    expect(await (await stranger('http://evil.example')).closed).toBe(4403)
    const taskId = await fleet.submit(['true'])
    await bystander.until('the end', update(taskId, 'succeeded'))
  })

  it('refuses a wrong field alone', async () => {
    const peer = await open(['nodes'])
    peer.send({ type: 'COMMAND', requestId: 'r1', action: 'explode', taskId: 't1' })
    const refused = await peer.until('the refusal', ({ type }) => type === 'ERROR')
    expect(refused).toMatchObject({ requestId: 'r1', error: { code: 'invalid_request', retryable: false } })
    peer.send({ type: 'SUBSCRIBE', topics: ['alerts'] })
    await peer.until('the picture of alerts', snapshot('alerts'))
  })
})

describe('CHAT', () => {
  let asked = 0
  const ask = async (peer: WallPeer, text: string, targetContext = 'default:master-1'): Promise<string> => {
    asked += 1
    const requestId = `chat-${asked}`
    peer.send({ type: 'CHAT', text, targetContext, requestId })
    const answer = await peer.until(
      `the answer to ${text}`,
      (message) =>
        message.type === 'CHAT_RESPONSE' &&
        message.requestId === requestId &&
        message.role === 'assistant' &&
        message.done === true,
    )
    expect(answer).toMatchObject({
      conversationId: expect.any(String),
      messageId: expect.any(String),
      delta: false,
    })
    return String(answer.text)
  }

  it('[WL10] slash commands look and act, done after the final receipt', async () => {
    const peer = await open(['chat:default:master-1', 'tasks'])
    expect(await ask(peer, '/help')).toContain('/run')
    expect(await ask(peer, '/nodes')).toContain('master-1')
    await ask(peer, '/run --on master-1 sleep 301')
    const started = await peer.until(
      'the run',
      (message) =>
        message.type === 'TASK_UPDATE' &&
        taskOf(message).name.includes('sleep 301') &&
        taskOf(message).phase === 'running',
    )
    const { taskId } = taskOf(started)
    expect(await ask(peer, '/tasks')).toContain(taskId)
    for (const [text, phase] of [
      [`/pause ${taskId}`, 'paused'],
      [`/resume ${taskId}`, 'running'],
      [`/cancel ${taskId}`, 'cancelled'],
      [`/retry ${taskId}`, null],
    ] as const) {
      expect(await ask(peer, text)).not.toBe('')
      // The answer comes after the act: what it did can be read now.
      if (phase !== null) expect((await fleet.json<TaskLike>(`/api/tasks/${taskId}`)).phase).toBe(phase)
    }
    await fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)
    expect(await ask(peer, '/explode')).not.toBe('')
  })

  it('keeps a context for who comes later', async () => {
    const peer = await open(['chat:default:master-1'])
    const { items } = await peer.until('the picture', snapshot('chat:default:master-1'))
    expect((items as Message[]).some(({ text }) => text === '/help')).toBe(true)
  })
})
