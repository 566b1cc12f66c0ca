import { beforeEach, describe, expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { Engine } from './engine.js'
import { aLine, anAlert, aReceipt, aTask, aWorker, FakeWorld, running } from './fixture.js'
import { everyLine, type Frame, type TaskQuery, type ToWorker } from './protocol.js'
import { anyTask } from './task-query.js'

/** The worker without its thread: frames wait until the test paints. */
class Rig extends FakeWorld {
  readonly frames: Frame[] = []
  readonly asked: string[] = []
  answer: (path: string) => unknown = () => {
    throw new Error('404')
  }
  readonly engine = new Engine(
    Object.assign(this as FakeWorld, {
      post: (frame: Frame) => this.frames.push(frame),
      soon: (run: () => void) => run(),
      loadReplay: () => import('./replay.js'),
      lines: async (_url: string, _token: string, path: string) => {
        this.asked.push(path)
        return this.answer(path) as readonly unknown[]
      },
      get: async (_url: string, _token: string, path: string) => {
        this.asked.push(path)
        return this.answer(path)
      },
    }),
  )

  tell(message: ToWorker): void {
    this.engine.handle(message)
  }

  #seen = 0

  /** What the page learnt since the last call, as one frame. */
  paint(): Frame {
    let count: number
    do {
      count = this.frames.length
      this.tell({ type: 'painted' })
    } while (this.frames.length > count)
    const fresh = this.frames.slice(this.#seen)
    this.#seen = this.frames.length
    return Object.assign({}, ...fresh) as Frame
  }
}

const query: TaskQuery = { ...anyTask, limit: 10 }

let rig: Rig
beforeEach(() => {
  rig = new Rig()
  rig.tell({ type: 'start', socketUrl: 'ws://leader/ws', apiUrl: '', token: 'token' })
  rig.accept()
  rig.picture('nodes', [aWorker('master-1')])
  rig.picture('alerts')
  rig.picture('tasks', [running('t1'), aTask('t2')])
  rig.paint()
})

describe('frames', () => {
  it('of many changes are followed by a pause in which changes conflate; one change is not kept waiting', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({
      type: 'NODE_STATUS',
      node: aWorker(`m${n}`),
      seq: 6,
    }))
    rig.say({ type: 'FRAME', from: 5, to: 6, messages: many })
    rig.paint()
    const status = (busyAgents: number, seq: number) =>
      rig.say({ type: 'NODE_STATUS', node: aWorker('m1', { busyAgents }), seq })
    status(1, 7)
    status(2, 8)
    expect(rig.paint().workers).toBeUndefined()
    rig.pass(bounds.framePauseMsMax)
    expect(rig.paint().workers?.upsert).toMatchObject([{ workerId: 'm1', busyAgents: 2 }])
    status(3, 9)
    expect(rig.paint().workers?.upsert).toMatchObject([{ workerId: 'm1', busyAgents: 3 }])
  })

  it('bring the first counts and samples at once', () => {
    const first = Object.assign({}, ...rig.frames) as Frame
    expect(first.summary).toMatchObject({ known: true, tasks: { running: 1, pending: 1 } })
    const metrics = { cpu: 0.5, memory: 0, disk: 0, networkRxBytesPerS: 0, networkTxBytesPerS: 0, at: 1 }
    rig.picture('nodes', [aWorker('master-2', { metrics })], 6)
    expect(rig.paint().samples).toMatchObject([{ workerId: 'master-2', cpu: 0.5 }])
  })

  it('come one at a time, with what changed meanwhile in one', () => {
    rig.say({ type: 'NODE_STATUS', node: aWorker('master-2'), seq: 6 })
    const before = rig.frames.length
    rig.say({ type: 'NODE_STATUS', node: aWorker('master-3'), seq: 7 })
    rig.say({ type: 'ALERT', ...anAlert('a1', { seq: 8 }) })
    expect(rig.frames).toHaveLength(before)
    const frame = rig.paint()
    expect(rig.frames.at(-1)?.workers?.upsert.map((worker) => worker.workerId)).toEqual(['master-3'])
    expect(frame.alerts?.upsert).toHaveLength(1)
  })

  it('say nothing when nothing on screen changed', () => {
    rig.pass(bounds.numberIntervalMs)
    rig.paint()
    rig.say({ type: 'TASK_UPDATE', task: running('t1', { progress: 0.5 }), seq: 6 })
    rig.pass(bounds.numberIntervalMs)
    expect(rig.paint()).toEqual({})
  })

  it('bring numbers at most once a second, changes of state at once', () => {
    rig.tell({ type: 'watch_tasks', key: 'list', query })
    rig.paint()
    rig.pass(bounds.numberIntervalMs * 2)
    rig.paint()
    const progress = (value: number, seq: number) =>
      rig.say({ type: 'TASK_UPDATE', task: running('t1', { progress: value }), seq })
    progress(0.1, 10)
    expect(rig.paint().tasks?.upsert[0]?.progress).toBe(0.1)
    progress(0.2, 11)
    progress(0.3, 12)
    expect(rig.paint().tasks).toBeUndefined()
    rig.pass(bounds.numberIntervalMs)
    expect(rig.paint().tasks?.upsert[0]?.progress).toBe(0.3)
    rig.say({ type: 'TASK_UPDATE', task: running('t1', { phase: 'paused' }), seq: 13 })
    expect(rig.paint().tasks?.upsert[0]?.phase).toBe('paused')
  })

  it('carry the newest sample of each master once a second', () => {
    const sample = (at: number, cpu: number) => ({
      workerId: 'master-1',
      at,
      cpu,
      memory: 0,
      disk: 0,
      networkRxBytesPerS: 0,
      networkTxBytesPerS: 0,
      rttMs: 1,
    })
    rig.pass(bounds.numberIntervalMs)
    rig.say({ type: 'METRICS', nodes: [sample(2, 0.2)] })
    rig.paint()
    rig.say({ type: 'METRICS', nodes: [sample(4, 0.4)] })
    rig.say({ type: 'METRICS', nodes: [sample(3, 0.3)] })
    rig.pass(bounds.numberIntervalMs)
    expect(rig.frames.at(-1)?.samples).toEqual([sample(4, 0.4)])
  })
})

describe('lists of tasks', () => {
  it('send each task of the window once, and again only when it changed', () => {
    rig.tell({ type: 'watch_tasks', key: 'list', query })
    const first = rig.paint()
    expect(first.lists?.list).toMatchObject({ total: 2 })
    expect(first.tasks?.upsert).toHaveLength(2)
    rig.tell({ type: 'watch_tasks', key: 'list', query: { ...query, text: 't2' } })
    const narrowed = rig.paint()
    expect(narrowed.lists?.list?.ids).toEqual(['t2'])
    expect(narrowed.tasks).toEqual({ upsert: [], remove: ['t1'] })
  })

  it('ask the leader for a task that is not held, and take its answer', async () => {
    rig.answer = () => aTask('t9', { status: 'completed', phase: 'succeeded' })
    rig.tell({ type: 'watch_tasks', key: 'one', query: { ...query, taskId: 't9' } })
    expect(rig.asked).toContain('/api/tasks/t9')
    await Promise.resolve()
    await Promise.resolve()
    expect(rig.paint().lists?.one?.ids).toEqual(['t9'])
  })

  it('keep what a resumed picture leaves out, and drop what a whole one lacks', () => {
    rig.tell({ type: 'watch_tasks', key: 'list', query })
    rig.paint()
    rig.picture('tasks', [aTask('t3', { createdAt: 3_000 })], 9, { resumed: true, total: 1 })
    expect(rig.paint().lists?.list?.ids).toEqual(['t3', 't2', 't1'])
    rig.picture('tasks', [aTask('t3', { createdAt: 3_000 })], 10, { total: 5 })
    rig.pass(bounds.numberIntervalMs)
    const frame = rig.paint()
    expect(frame.lists?.list?.ids).toEqual(['t3'])
    expect(frame.summary?.unseen).toBe(4)
  })
})

describe('commands', () => {
  const ask = () => rig.tell({ type: 'command', requestId: 'r1', taskId: 't1', action: 'pause' })
  const outcome = () => rig.paint().commands?.[0]?.outcome

  it('go out with a deadline and are confirmed by their receipt', () => {
    ask()
    expect(rig.socket.sent.at(-1)).toEqual({
      type: 'COMMAND',
      requestId: 'r1',
      action: 'pause',
      taskId: 't1',
      timeoutMs: bounds.commandStartMs,
    })
    expect(outcome()).toEqual({ kind: 'asked' })
    rig.say({ type: 'RECEIPT', requestId: 'r1', receipt: aReceipt('c1', 'done', 3) })
    expect(outcome()).toMatchObject({ kind: 'receipt', receipt: { state: 'done' } })
  })

  it('show the leader’s refusal', () => {
    ask()
    rig.paint()
    const error = { code: 'wrong_phase', message: 'It is over.', retryable: false, details: {} }
    rig.say({ type: 'ERROR', requestId: 'r1', error })
    expect(outcome()).toEqual({ kind: 'refused', code: 'wrong_phase', message: 'It is over.' })
  })

  it('are unconfirmed without an answer, and when the link is lost', () => {
    ask()
    rig.paint()
    rig.pass(bounds.commandAnswerMs)
    expect(outcome()).toEqual({ kind: 'unconfirmed' })
  })

  it('are not sent while the link is down', () => {
    rig.socket.events.closed(1006, '')
    rig.paint()
    ask()
    expect(outcome()).toEqual({ kind: 'not_sent' })
  })

  it('learn after a cut how an unfinished receipt ended', async () => {
    ask()
    rig.say({ type: 'RECEIPT', requestId: 'r1', receipt: aReceipt('c1', 'acting', 2) })
    rig.socket.events.closed(1006, '')
    rig.answer = (path) => (path.startsWith('/api/receipts/c1?') ? aReceipt('c1', 'done', 4) : { lines: [] })
    rig.pass(5_000)
    rig.paint()
    rig.accept(7)
    await Promise.resolve()
    await Promise.resolve()
    expect(outcome()).toMatchObject({ kind: 'receipt', receipt: { state: 'done' } })
  })
})

describe('lines', () => {
  it('are subscribed only while a stream is on screen', () => {
    rig.tell({
      type: 'watch_lines',
      key: 'log',
      query: everyLine,
    })
    expect(rig.socket.sent.at(-1)).toEqual({ type: 'SUBSCRIBE', topics: ['logs'] })
    rig.picture('logs', [aLine('t1', 1)])
    rig.say({ type: 'LOG', lines: [aLine('t1', 2)] })
    rig.paint()
    const deltas = rig.frames.flatMap((frame) => frame.lines?.log?.newer ?? [])
    expect(deltas.map((line) => line.n)).toEqual([1, 2])
    rig.tell({ type: 'unwatch_lines', key: 'log' })
    expect(rig.socket.sent.at(-1)).toEqual({ type: 'UNSUBSCRIBE', topics: ['logs'] })
  })
})

describe('chat', () => {
  it('shows what was said at once, then the leader’s copy and its answer', () => {
    rig.tell({ type: 'watch_chat', context: '*:*' })
    rig.tell({ type: 'chat', requestId: 'q1', context: '*:*', text: '/help' })
    const turn = (messageId: string, role: string, text: string) => ({
      type: 'CHAT_RESPONSE',
      text,
      conversationId: 'c',
      messageId,
      requestId: 'q1',
      targetContext: '*:*',
      author: 'admin',
      role,
      at: 2_000,
      delta: false,
      done: true,
    })
    rig.say(turn('m1', 'user', '/help'))
    rig.say(turn('m2', 'assistant', 'these'))
    const chat = rig.paint().chats?.['*:*']
    expect(chat?.map((each) => [each.messageId, each.role, each.text])).toEqual([
      ['m1', 'user', '/help'],
      ['m2', 'assistant', 'these'],
    ])
  })
})
