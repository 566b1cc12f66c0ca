import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { asCommandId, asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { ControlService, WatchView } from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane, WallSink } from '../ports/control-plane.js'
import { Mailbox } from '../testing/mailbox.js'
import { planeOf } from '../testing/plane-of.js'
import { ScriptedGateway } from '../testing/scripted-gateway.js'
import { silentLog } from '../testing/silent-log.js'
import { connectPlugin } from './control-connect.js'
import { createGrpcServer } from './grpc-server.js'

const utf8 = new TextEncoder()

/** Ways to reach ControlService: the same calls must have the same answers on each. */
const transports = {
  'grpc-js': async (plane: ControlPlane) => {
    const server = createGrpcServer({
      gateway: new ScriptedGateway(),
      plane,
      authenticateNode: () => false,
      tls: null,
      log: silentLog,
    })
    const port = await server.listen('127.0.0.1', 0)
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` })
    return { transport, close: () => server.close(0) }
  },
  'connect on fastify': async (plane: ControlPlane) =>
    onFastify(plane, (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })),
  'grpc-web on fastify': async (plane: ControlPlane) =>
    onFastify(plane, (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' })),
}

async function onFastify(plane: ControlPlane, transportTo: (baseUrl: string) => Transport) {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(connectPlugin({ plane }))
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  return { transport: transportTo(baseUrl), close: () => app.close() }
}

const task = {
  taskId: 't1',
  status: 'running',
  phase: 'running',
  workerId: null,
  attempt: 1,
  fence: 7,
  name: 'build',
}
const receipt = { commandId: 'c9', taskId: 't1', action: 'pause', state: 'done', steps: [] }

describe.each(Object.entries(transports))('ControlService over %s', (_, start) => {
  const calls = new Mailbox<{ readonly method: string; readonly args: readonly unknown[] }>('call')
  let plane: Partial<ControlPlane> = {}
  let client: ReturnType<typeof createClient<typeof ControlService>>
  let close: () => Promise<unknown>
  const options = { headers: { authorization: 'Bearer good' } }

  beforeEach(async () => {
    plane = {
      authenticate: (token) => (token === 'good' ? { kind: 'user', id: 'ada', role: 'admin' } : null),
      execute: async (...args) => {
        calls.push({ method: 'execute', args })
        return args[1].command.name === 'submit_task'
          ? { kind: 'task', taskId: asTaskId('t1'), created: true }
          : { kind: 'receipt', commandId: asCommandId('c9') }
      },
      task: async (_caller, taskId) => {
        if (taskId !== 't1') throw new ControlError('task_not_found', `There is no task ${taskId} — 没有.`)
        return JSON.stringify(task)
      },
      tasks: async (...args) => {
        calls.push({ method: 'tasks', args })
        return JSON.stringify({ tasks: [task], nextCursor: null, total: 1 })
      },
      receipt: async (...args) => {
        calls.push({ method: 'receipt', args })
        return JSON.stringify(receipt)
      },
      stats: async () => JSON.stringify({ logId: 'log-1' }),
    }
    const started = await start(planeOf(plane))
    client = createClient(ControlService, started.transport)
    close = started.close
  })
  afterEach(() => close())

  const errorOf = async (call: Promise<unknown>): Promise<ConnectError> =>
    ConnectError.from(await call.then(() => null).catch((thrown: unknown) => thrown))

  it('submits a task by the same schema as REST', async () => {
    const response = await client.submitTask(
      {
        type: 'command',
        payloadJson: '{"command":["true"]}',
        requirements: { timeoutMs: 0n, workerId: 'master-1' },
        retry: { attemptsMax: 2 },
        idempotencyKey: 'k',
        onDisconnect: 'keep',
      },
      options,
    )
    expect(response.created).toBe(true)
    expect(response.task).toMatchObject({ taskId: 't1', phase: 'running', workerId: '', fence: 7n })
    expect(JSON.parse(response.task?.taskJson ?? '')).toEqual(task)
    const { args } = await calls.next()
    expect(args[0]).toMatchObject({ principal: { id: 'ada' }, via: 'grpc' })
    expect(args[1]).toEqual({
      projectId: 'default',
      command: {
        name: 'submit_task',
        spec: {
          type: 'command',
          name: 'true',
          priority: 5,
          payload: { command: ['true'] },
          requirements: { accountIdx: null, workerId: 'master-1', timeout: 0 },
          stallAfterMs: limits.stallAfterMsDefault,
          retry: { attemptsMax: 2, on: ['lost', 'timeout'], backoffMs: limits.retryBackoffMsDefault },
          leaseClass: 'steady',
          onDisconnect: 'keep',
          idempotencyKey: 'k',
        },
      },
    })
  })

  it('gets and lists tasks', async () => {
    expect((await client.getTask({ taskId: 't1' }, options)).task).toMatchObject({ taskId: 't1' })
    const page = await client.listTasks({ status: 'running', limit: 10 }, options)
    expect(page).toMatchObject({ tasks: [{ taskId: 't1' }], nextCursor: '' })
    const { args } = await calls.next()
    expect(args.slice(1)).toEqual([{ status: 'running' }, { limit: 10, cursor: null }])
  })

  it('controls a task and waits for its receipt', async () => {
    const response = await client.controlTask({ taskId: 't1', action: 'pause', waitMs: 500n }, options)
    expect(response).toMatchObject({ commandId: 'c9', state: 'done', receiptJson: JSON.stringify(receipt) })
    expect((await calls.next()).args[1]).toMatchObject({
      command: { name: 'control_task', taskId: 't1', action: 'pause', timeoutMs: null },
    })
    expect((await calls.next()).args.slice(1)).toEqual(['c9', 500])
  })

  it('says that a cancel found the task finished', async () => {
    plane.execute = async () => ({ kind: 'finished', taskId: asTaskId('t1') })
    expect(await client.controlTask({ taskId: 't1', action: 'cancel' }, options)).toMatchObject({
      commandId: '',
      state: 'finished',
    })
  })

  it('[TL1] [TL3] calls any tool by name, and lists them', async () => {
    const called = await client.callTool({ tool: 'get_task', argsJson: '{"taskId":"t1"}' }, options)
    expect(JSON.parse(called.resultJson)).toEqual(task)
    await client.callTool({ tool: 'get_receipt', argsJson: '{"commandId":"c9"}', waitMs: 99_000n }, options)
    expect((await calls.next()).args.slice(1)).toEqual(['c9', limits.waitMsMax])
    const { tools } = await client.listTools({}, options)
    expect(tools.map(({ name }) => name)).toContain('submit_task')
    const error = await errorOf(client.callTool({ tool: 'nothing' }, options))
    expect([error.code, error.metadata.get('agentflow-code')]).toEqual([Code.NotFound, 'tool_not_found'])
  })

  it.each<[string, (headers: typeof options) => Promise<unknown>, Code, string, string]>([
    [
      'no such task',
      (with_) => client.getTask({ taskId: 't2' }, with_),
      Code.NotFound,
      'task_not_found',
      'There is no task t2 — 没有.',
    ],
    [
      'no token',
      () => client.getTask({ taskId: 't1' }),
      Code.Unauthenticated,
      'not_authenticated',
      'authorization',
    ],
    [
      'a bad payload',
      (with_) => client.submitTask({ type: 'command', payloadJson: '{' }, with_),
      Code.InvalidArgument,
      'invalid_request',
      'payload_json is not JSON',
    ],
    [
      'a bad field',
      (with_) => client.submitTask({ type: 'command', payloadJson: '{"command":[]}' }, with_),
      Code.InvalidArgument,
      'invalid_request',
      'task.payload',
    ],
    [
      'an unknown action',
      (with_) => client.controlTask({ taskId: 't1', action: 'burn' }, with_),
      Code.InvalidArgument,
      'invalid_request',
      'command.action',
    ],
  ])('answers %s with the code of the catalogue', async (_name, call, code, catalogued, message) => {
    const error = await errorOf(call(options))
    expect(error).toMatchObject({ code, rawMessage: expect.stringContaining(message) })
    expect(error.metadata.get('agentflow-code')).toBe(catalogued)
  })

  it('hides a defect behind internal', async () => {
    plane.task = async () => {
      throw new Error('secret')
    }
    const error = await errorOf(client.getTask({ taskId: 't1' }, options))
    expect(error.code).toBe(Code.Internal)
    expect(error.rawMessage).not.toContain('secret')
  })

  it('watches events until the caller leaves', async () => {
    const left = new Mailbox<string>('end of a watch')
    plane.watchEvents = (caller, afterSeq, sink) =>
      new Promise((resolve) => {
        for (const seq of [1, 2, 3]) sink(afterSeq + seq, `{"seq":${afterSeq + seq}}`)
        caller.signal?.addEventListener('abort', () => {
          left.push('left')
          resolve()
        })
      })
    const seen: [bigint, string][] = []
    const leave = new AbortController()
    const read = async () => {
      const request = { view: WatchView.EVENTS, afterSeq: 40n, logId: 'log-1' }
      for await (const { seq, event } of client.watch(request, { ...options, signal: leave.signal })) {
        seen.push([seq, new TextDecoder().decode(event)])
        if (seen.length === 3) leave.abort()
      }
    }
    expect(await errorOf(read())).toMatchObject({ code: Code.Canceled })
    expect(seen).toEqual([41, 42, 43].map((seq) => [BigInt(seq), `{"seq":${seq}}`]))
    await left.next()
  })

  it('refuses a watch that starts in another log or has no view', async () => {
    const first = async (request: Parameters<typeof client.watch>[0]) => {
      for await (const _ of client.watch(request, options)) break
    }
    expect(await errorOf(first({ view: WatchView.EVENTS, logId: 'log-0' }))).toMatchObject({
      code: Code.FailedPrecondition,
    })
    expect(await errorOf(first({}))).toMatchObject({ code: Code.InvalidArgument })
  })

  it('ends a reader that is too slow with resource_exhausted', async () => {
    plane.watchEvents = (caller, _after, sink) =>
      new Promise((resolve) => {
        caller.signal?.addEventListener('abort', () => resolve())
        const json = JSON.stringify('x'.repeat(1024 * 1024))
        for (let seq = 1; seq <= 100 && caller.signal?.aborted === false; seq += 1) sink(seq, json)
      })
    const read = async () => {
      for await (const _ of client.watch({ view: WatchView.EVENTS }, options)) {
        // Reads as fast as it can; the leader made 100 MiB in one tick.
      }
    }
    const error = await errorOf(read())
    expect(error.code).toBe(Code.ResourceExhausted)
    expect(error.metadata.get('agentflow-code')).toBe('resource_exhausted')
  })

  it('watches entities as walls do, with the resume point of each frame', async () => {
    const walls = new Mailbox<{ caller: Caller; sink: WallSink; options: unknown }>('wall')
    const told = new Mailbox<string>('call of a session')
    plane.openWall = (caller, sink, wallOptions) => {
      walls.push({ caller, sink, options: wallOptions })
      return {
        subscribe: (topics) => told.push(`subscribe ${topics.join()}`),
        unsubscribe: () => undefined,
        ack: () => undefined,
        chat: () => undefined,
        command: () => undefined,
        drained: () => undefined,
        closed: () => told.push('closed'),
      }
    }
    const request = { view: WatchView.ENTITIES, topics: ['tasks'], logId: 'log-1', afterSeq: 5n }
    const responses = client.watch(request, options)[Symbol.asyncIterator]()
    const reading = responses.next()
    const { sink, options: wallOptions } = await walls.next()
    expect(wallOptions).toEqual({ frames: true, resume: { logId: 'log-1', seq: 5 } })
    expect(await told.next()).toBe('subscribe tasks')
    sink.send(utf8.encode('{"type":"FRAME","from":5,"to":9,"messages":[]}'))
    expect((await reading).value).toMatchObject({ seq: 9n })
    const ending = errorOf(responses.next())
    sink.close(1012, 'the leader leaves')
    expect(await ending).toMatchObject({ code: Code.Unavailable, rawMessage: 'the leader leaves' })
    expect(await told.next()).toBe('closed')
  })
})

it('ends the watches of a Fastify app that closes', async () => {
  const watching = new Mailbox<string>('watch')
  const plane = planeOf({
    authenticate: () => ({ kind: 'user', id: 'ada', role: 'admin' }),
    watchEvents: (caller) =>
      new Promise((resolve) => {
        watching.push('open')
        caller.signal?.addEventListener('abort', () => resolve())
      }),
  })
  const { transport, close } = await transports['connect on fastify'](plane)
  const client = createClient(ControlService, transport)
  const options = { headers: { authorization: 'Bearer any' } }
  const ended = (async () => {
    for await (const _ of client.watch({ view: WatchView.EVENTS }, options)) break
  })().catch((thrown: unknown) => ConnectError.from(thrown))
  await watching.next()
  await close()
  expect(await ended).toBeInstanceOf(ConnectError)
})
