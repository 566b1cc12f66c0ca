import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ControlError } from '../core/errors.js'
import { createHttpServer } from '../http/server.js'
import type { ControlPlane } from '../ports/control-plane.js'
import { connectPlugin } from '../rpc/control-connect.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane, type ScriptedWall } from '../testing/scripted-plane.js'
import {
  type Client,
  createClient,
  type Live,
  type LiveOptions,
  type LiveState,
  type ServerMessage,
} from './index.js'

let server: ReturnType<typeof createHttpServer>
let port = 0
let scripted: ScriptedPlane
const lives: Live[] = []

async function start(script: Partial<ControlPlane> = {}, at = 0): Promise<Client> {
  scripted = new ScriptedPlane(script)
  server = createHttpServer({
    plane: scripted.plane,
    log: createRememberingLog(),
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
    connectPlugin: connectPlugin({ plane: scripted.plane }),
  })
  port = await server.listen('127.0.0.1', at)
  return clientOf('afp_admin')
}
const clientOf = (token: string) =>
  createClient({ url: `http://127.0.0.1:${port}/`, token, webSocket: WebSocket })

afterEach(async () => {
  for (const live of lives.splice(0)) live.close()
  await server.close()
})

/** A live connection with everything it said, and a way to wait for more. */
function open(client: Client, options: Partial<LiveOptions> = {}) {
  const messages: ServerMessage[] = []
  const states: LiveState[] = []
  const waiters = new Set<() => void>()
  const changed = () => {
    for (const wake of waiters) wake()
    waiters.clear()
  }
  const live = client.live({
    onMessage: (message) => {
      messages.push(message)
      changed()
    },
    onState: (state) => {
      states.push(state)
      changed()
    },
    ...options,
  })
  lives.push(live)
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiters.add(resolve))
  }
  return { live, messages, states, until }
}
const wallAt = async (index: number): Promise<ScriptedWall> => {
  await scripted.until(() => scripted.walls.length > index)
  const wall = scripted.walls[index]
  if (wall === undefined) throw new Error('no wall')
  return wall
}
const receipt = (state: string, commandId = 'c1') => ({
  commandId,
  taskId: 't1',
  action: 'cancel',
  state,
  steps: [],
})

describe('calls', () => {
  it('speaks the contract', async () => {
    const client = await start({
      execute: async (_, { command }) =>
        command.name === 'submit_task'
          ? { kind: 'task', taskId: 't1' as never, created: true }
          : command.name === 'control_task' && command.action === 'cancel'
            ? { kind: 'finished', taskId: 't1' as never }
            : { kind: 'receipt', commandId: 'c1' as never },
      task: async () => '{"taskId":"t1"}',
      tasks: async () => '{"tasks":[],"nextCursor":null,"total":0}',
      receipt: async () => JSON.stringify(receipt('done')),
      workers: async () => '{"workers":[{"workerId":"m"}]}',
    })
    const body = { type: 'command', payload: { command: ['true'] } }
    expect(await client.submit(body, { idempotencyKey: 'k' })).toEqual({
      task: { taskId: 't1' },
      created: true,
    })
    expect(await client.control('t1', 'pause', { waitMs: 5 })).toMatchObject({ state: 'done' })
    expect(await client.control('t1', 'cancel')).toBeNull()
    expect(await client.tasks({ status: 'failed', limit: 3, cursor: undefined })).toMatchObject({ total: 0 })
    expect(await client.workers()).toEqual([{ workerId: 'm' }])
    expect(await client.ready()).toEqual({ ready: true, reasons: [] })
    const filter = scripted.calls.find(({ name }) => name === 'tasks')?.args.slice(1)
    expect(filter).toEqual([{ status: 'failed' }, { limit: 3, cursor: null }])
  })

  it("rejects with the catalogue's errors", async () => {
    const client = await start({
      task: async () => {
        throw new ControlError('task_not_found', 'There is no task t9.', { details: { taskId: 't9' } })
      },
    })
    await expect(client.task('t9')).rejects.toMatchObject({
      code: 'task_not_found',
      message: 'There is no task t9.',
      details: { taskId: 't9' },
    })
    await expect(clientOf('afp_wrong').stats()).rejects.toMatchObject({ code: 'not_authenticated' })
  })

  it('[TL1] calls tools by name', async () => {
    const client = await start({
      stats: async () => '{"term":3}',
      receipt: async (...args) => JSON.stringify(args[2]),
    })
    expect(await client.callTool('stats')).toEqual({ term: 3 })
    expect(await client.callTool('get_receipt', { commandId: 'c1' }, { waitMs: 70 })).toBe(70)
    expect((await client.tools()).map(({ name }) => name)).toContain('stats')
    await expect(client.callTool('nothing')).rejects.toMatchObject({ code: 'tool_not_found' })
  })

  it('says that nobody answers, or that it cannot know', async () => {
    const client = await start({
      execute: async () => {
        server.close().catch(() => undefined)
        return new Promise(() => undefined)
      },
    })
    await expect(client.control('t1', 'pause')).rejects.toMatchObject({ code: 'outcome_unknown' })
    await expect(client.control('t1', 'pause')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(client.stats()).rejects.toThrow(`No leader answers at http://127.0.0.1:${port}.`)
  })

  it("ends with the caller's own reason", async () => {
    const client = await start({ receipt: () => new Promise(() => undefined) })
    const reason = new Error('enough')
    const leaving = new AbortController()
    const waiting = client.receipt('c1', { waitMs: 60_000, signal: leaving.signal })
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})

describe('a live connection', () => {
  it('subscribes, unpacks frames and acks them', async () => {
    const { messages, until } = open(await start(), { topics: ['tasks'] })
    const wall = await wallAt(0)
    wall.say({
      type: 'FRAME',
      from: 1,
      to: 3,
      messages: [
        { type: 'LOG', lines: [] },
        { type: 'METRICS', nodes: [] },
      ],
    })
    await scripted.until(() => wall.heard.length === 2)
    await until(() => messages.length === 3)
    expect(wall.options.frames).toBe(true)
    expect(wall.heard).toEqual([{ subscribe: ['tasks'] }, { ack: 3 }])
    expect(messages.map(({ type }) => type)).toEqual(['AUTH_OK', 'LOG', 'METRICS'])
  })

  it('comes back by itself and takes up where it was', async () => {
    const { until, states } = open(await start(), { topics: ['tasks', 'nodes'] })
    const wall = await wallAt(0)
    wall.say({ type: 'SNAPSHOT', topic: 'tasks', logId: 'log', term: 1, seq: 5, items: [] })
    wall.say({ type: 'SNAPSHOT', topic: 'nodes', logId: 'log', term: 1, seq: 6, items: [] })
    wall.say({ type: 'FRAME', from: 5, to: 9, messages: [] })
    await scripted.until(() => wall.heard.length === 2)
    await server.close()
    await until(() => states.at(-1)?.phase === 'waiting')
    await start({}, port)
    const again = await wallAt(0)
    expect(again.options.resume).toEqual({ logId: 'log', seq: 9 })
    await scripted.until(() => again.heard.length === 1)
    expect(again.heard).toEqual([{ subscribe: ['tasks', 'nodes'] }])
    await until(() => states.at(-1)?.phase === 'live')
  })

  it('resumes from nothing while a picture is owed', async () => {
    const { until, messages } = open(await start(), { topics: ['tasks', 'nodes'] })
    const wall = await wallAt(0)
    wall.say({ type: 'SNAPSHOT', topic: 'tasks', logId: 'log', term: 1, seq: 5, items: [] })
    await until(() => messages.length === 2)
    wall.sink.close(4408, 'too slow')
    expect((await wallAt(1)).options.resume).toBeNull()
  })

  it('stops for good when the token is refused', async () => {
    await start()
    const { live, until } = open(clientOf('afp_wrong'))
    await until(() => live.state.phase === 'closed')
    expect(live.state).toMatchObject({ error: { code: 'not_authenticated' } })
  })

  it('gives every message although a listener throws', async () => {
    const surfaced = new Promise((resolve) => process.once('uncaughtException', resolve))
    const client = await start()
    const seen: string[] = []
    let done: () => void = () => undefined
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    open(client, {
      topics: ['nodes'],
      onMessage: ({ type }) => {
        seen.push(type)
        if (type === 'LOG') throw new Error('a broken listener')
        if (type === 'METRICS') done()
      },
    })
    const wall = await wallAt(0)
    wall.say({
      type: 'FRAME',
      from: 1,
      to: 3,
      messages: [
        { type: 'LOG', lines: [] },
        { type: 'METRICS', nodes: [] },
      ],
    })
    await all
    expect(seen).toEqual(['AUTH_OK', 'LOG', 'METRICS'])
    expect(await surfaced).toMatchObject({ message: 'a broken listener' })
  })
})

describe('commands', () => {
  it('resolve with the final receipt, after telling each step', async () => {
    const { live, until } = open(await start(), { topics: ['nodes'] })
    await until(() => live.state.phase === 'live')
    const wall = await wallAt(0)
    const steps: string[] = []
    const final = live.command({ action: 'cancel', taskId: 't1', timeoutMs: 9 }, ({ state }) =>
      steps.push(state),
    )
    await scripted.until(() => wall.heard.length === 2)
    const { command } = wall.heard[1] as { command: { requestId: string } }
    expect(command).toMatchObject({ action: 'cancel', taskId: 't1', timeoutMs: 9 })
    for (const state of ['sent', 'acting', 'stopped']) {
      wall.say({ type: 'RECEIPT', requestId: command.requestId, receipt: receipt(state) })
    }
    expect(await final).toMatchObject({ state: 'stopped' })
    expect(steps).toEqual(['sent', 'acting', 'stopped'])
  })

  it('reject with what the leader refused', async () => {
    const { live, until } = open(await start(), { topics: ['nodes'] })
    await until(() => live.state.phase === 'live')
    const wall = await wallAt(0)
    const final = live.command({ action: 'pause', taskId: 't9' })
    await scripted.until(() => wall.heard.length === 2)
    const { command } = wall.heard[1] as { command: { requestId: string } }
    const error = new ControlError('task_not_found', 'There is no task t9.')
    wall.say({ type: 'ERROR', requestId: command.requestId, ...error.toBody() })
    await expect(final).rejects.toMatchObject({ code: 'task_not_found' })
  })

  it('are followed over a reconnect once the leader confirmed them, and unknown before', async () => {
    const { live, until } = open(await start({ receipt: async () => JSON.stringify(receipt('killed')) }), {
      topics: ['nodes'],
    })
    await until(() => live.state.phase === 'live')
    const wall = await wallAt(0)
    let confirmed: () => void = () => undefined
    const sent = new Promise<void>((resolve) => {
      confirmed = resolve
    })
    const known = live.command({ action: 'cancel', taskId: 't1' }, () => confirmed())
    const unknown = live.command({ action: 'cancel', taskId: 't2' })
    await scripted.until(() => wall.heard.length === 3)
    const { command } = wall.heard[1] as { command: { requestId: string } }
    wall.say({ type: 'RECEIPT', requestId: command.requestId, receipt: receipt('sent') })
    await sent
    wall.sink.close(1012, 'leaving')
    await expect(unknown).rejects.toMatchObject({ code: 'outcome_unknown' })
    expect(await known).toMatchObject({ state: 'killed' })
  })

  it('are refused at once without a connection', async () => {
    const { live } = open(await start())
    await expect(live.command({ action: 'pause', taskId: 't1' })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it('and chat turns resolve with the whole answer', async () => {
    const { live, until } = open(await start(), { topics: ['nodes'] })
    await until(() => live.state.phase === 'live')
    const wall = await wallAt(0)
    const answer = live.chat({ text: '/nodes', targetContext: '*:*' })
    await scripted.until(() => wall.heard.length === 2)
    const { chat } = wall.heard[1] as { chat: { requestId: string } }
    const turn = { type: 'CHAT_RESPONSE', requestId: chat.requestId, delta: false, done: true }
    wall.say({ ...turn, role: 'user', text: '/nodes' })
    wall.say({ ...turn, role: 'assistant', text: 'mas', delta: true, done: false })
    wall.say({ ...turn, role: 'assistant', text: 'master-1 is online' })
    expect(await answer).toMatchObject({ text: 'master-1 is online' })
  })
})

describe('events', () => {
  let sinks: ((seq: number) => void)[]
  let cursors: number[]
  const script: Partial<ControlPlane> = {
    watchEvents: (caller, afterSeq, sink) => {
      cursors.push(afterSeq)
      return new Promise((resolve) => {
        caller.signal?.addEventListener('abort', resolve)
        sinks.push((seq) => sink(seq, JSON.stringify({ seq })))
      })
    },
  }
  beforeEach(() => {
    sinks = []
    cursors = []
  })

  it('come in order, and go on after a broken stream where they were', async () => {
    const client = await start(script)
    const events = client.events({ afterSeq: 3, signal: new AbortController().signal })
    const first = events.next()
    await scripted.until(() => sinks.length === 1)
    sinks[0]?.(4)
    expect(await first).toMatchObject({ value: { seq: 4 } })
    const second = events.next()
    await server.close()
    await start(script, port)
    await scripted.until(() => sinks.length === 2)
    sinks[1]?.(5)
    expect(await second).toMatchObject({ value: { seq: 5 } })
    await events.return()
    expect(cursors).toEqual([3, 4])
  })

  it('end with the signal and reject when going on is useless', async () => {
    const client = await start(script)
    const leaving = new AbortController()
    const watching = client.events({ afterSeq: 0, signal: leaving.signal }).next()
    await scripted.until(() => sinks.length === 1)
    leaving.abort()
    expect(await watching).toEqual({ done: true, value: undefined })
    const stranger = clientOf('afp_wrong').events({ afterSeq: 0, signal: new AbortController().signal })
    await expect(stranger.next()).rejects.toMatchObject({ code: 'not_authenticated' })
  })
})
