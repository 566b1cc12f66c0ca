import { afterEach, describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { ControlPlane } from '../ports/control-plane.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
let scripted: ScriptedPlane
let log: ReturnType<typeof createRememberingLog>
const { call, post } = httpCalls(() => port)

const task = { taskId: 't1', name: 'hello' }
const receipt = { commandId: 'c1', taskId: 't1', action: 'pause', state: 'done', steps: [] }

async function start(script: Partial<ControlPlane> = {}) {
  scripted = new ScriptedPlane({
    task: async (_, taskId) => {
      if (taskId !== 't1') throw new ControlError('task_not_found', `There is no task ${taskId}.`)
      return JSON.stringify(task)
    },
    receipt: async () => JSON.stringify(receipt),
    ...script,
  })
  log = createRememberingLog()
  server = createHttpServer({
    plane: scripted.plane,
    log,
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  port = await server.listen('127.0.0.1', 0)
}
afterEach(() => server.close())

describe('submitting', () => {
  const created: Partial<ControlPlane> = {
    execute: async (_, { command }) => ({
      kind: 'task',
      taskId: 't1' as never,
      created: command.name === 'submit_task' && command.spec.idempotencyKey !== 'again',
    }),
  }
  const body = { type: 'command', payload: { command: ['true'] } }

  it('answers 201 and the task, with every default filled in for the rules', async () => {
    await start(created)
    const response = await post('/api/tasks', { ...body, project: 'p1' }, { 'idempotency-key': 'k' })
    expect([response.status, response.headers.get('location'), await response.json()]).toEqual([
      201,
      '/api/tasks/t1',
      task,
    ])
    const [, request] = scripted.calls.find(({ name }) => name === 'execute')?.args ?? []
    expect(request).toMatchObject({
      projectId: 'p1',
      command: {
        name: 'submit_task',
        spec: { name: 'true', priority: 5, idempotencyKey: 'k', retry: { attemptsMax: 4 } },
      },
    })
  })

  it('answers 200 to a repeat', async () => {
    await start(created)
    expect((await post('/api/tasks', body, { 'idempotency-key': 'again' })).status).toBe(200)
  })

  it('passes on what the rules refuse', async () => {
    await start({
      execute: async () => {
        throw new ControlError('idempotency_conflict', 'This key was used with another body.')
      },
    })
    expect(await refusalOf(await post('/api/tasks', body))).toEqual([
      409,
      'idempotency_conflict',
      'This key was used with another body.',
    ])
  })

  it.each([
    ['{"type":', 400, 'invalid_request', 'The body is not valid JSON'],
    [
      '{"type":"command","payload":{"command":["a"]},"colour":1}',
      400,
      'invalid_request',
      'task: unknown key "colour"',
    ],
    [
      '{"type":"command","payload":{}}',
      400,
      'invalid_request',
      'task.payload.command: expected array or string',
    ],
    ['', 400, 'invalid_request', 'task: expected object, received null'],
    ['[]', 400, 'invalid_request', 'task: expected object, received array'],
  ])('refuses the body %s', async (text, ...expected) => {
    await start(created)
    expect(await refusalOf(await post('/api/tasks', text))).toEqual(expected)
  })

  it('refuses what is too large, before and after parsing', async () => {
    await start(created)
    const huge = await post('/api/tasks', `"${'x'.repeat(limits.requestBytesMax)}"`)
    expect(await refusalOf(huge)).toEqual([413, 'too_large', 'The body is over 262144 bytes.'])
    const payload = { command: ['cat'], stdin: 'x'.repeat(limits.payloadBytesMax) }
    expect((await refusalOf(await post('/api/tasks', { ...body, payload }))).slice(0, 2)).toEqual([
      413,
      'too_large',
    ])
  })

  it('refuses another content type and an unknown query', async () => {
    await start(created)
    expect((await refusalOf(await post('/api/tasks', 'a=1', { 'content-type': 'text/plain' })))[2]).toContain(
      'Send JSON',
    )
    expect(await refusalOf(await post('/api/tasks?dry=1', body))).toEqual([
      400,
      'invalid_request',
      'query: unknown key "dry"',
    ])
  })
})

describe('acting on a task', () => {
  const acting: Partial<ControlPlane> = {
    execute: async (_, { command }) =>
      command.name === 'control_task' && command.action === 'cancel'
        ? { kind: 'finished', taskId: 't1' as never }
        : { kind: 'receipt', commandId: 'c1' as never },
  }

  it.each(['pause', 'resume', 'retry'])('answers 202 and the receipt of %s', async (action) => {
    await start(acting)
    const response = await call(`/api/tasks/t1/${action}`, { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([202, receipt])
    expect(scripted.calls.find(({ name }) => name === 'receipt')?.args.slice(1)).toEqual(['c1', 0])
  })

  it('waits as long as it was asked to, at most the limit', async () => {
    await start(acting)
    await call('/api/tasks/t1/pause?wait=1500', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    await call('/api/tasks/t1/pause?wait=9999999', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    await call('/api/receipts/c1?wait=20')
    const waits = scripted.calls.filter(({ name }) => name === 'receipt').map(({ args }) => args[2])
    expect(waits).toEqual([1500, limits.waitMsMax, 20])
  })

  it('answers 200 and the task when it is over already', async () => {
    await start(acting)
    const response = await call('/api/tasks/t1', { method: 'DELETE' })
    expect([response.status, await response.json()]).toEqual([200, task])
  })

  it('refuses a wait that is none, and a body with keys', async () => {
    await start(acting)
    expect((await refusalOf(await call('/api/tasks/t1/pause?wait=soon', { method: 'POST' })))[1]).toBe(
      'invalid_request',
    )
    expect(await refusalOf(await post('/api/tasks/t1/pause', { force: true }))).toEqual([
      400,
      'invalid_request',
      'body: unknown key "force"',
    ])
  })

  it('tells a waiting call that its caller went away', async () => {
    let gone: (() => void) | undefined
    const aborted = new Promise<void>((resolve) => {
      gone = resolve
    })
    await start({
      ...acting,
      receipt: async (caller) => {
        caller.signal?.addEventListener('abort', () => gone?.())
        await aborted
        return '{}'
      },
    })
    const leaving = new AbortController()
    const waiting = call('/api/receipts/c1?wait=60000', { signal: leaving.signal })
    await scripted.until(() => scripted.calls.some(({ name }) => name === 'receipt'))
    leaving.abort()
    await expect(waiting).rejects.toThrow()
    await aborted
  })
})

describe('reading', () => {
  const page = '{"tasks":[],"nextCursor":null,"total":0}'

  it.each<[string, keyof ControlPlane, unknown[]]>([
    ['/api/tasks', 'tasks', [{}, { limit: 100, cursor: null }]],
    [
      '/api/tasks?status=failed&workerId=m&project=p&limit=5&cursor=x',
      'tasks',
      [
        { status: 'failed', workerId: 'm', project: 'p' },
        { limit: 5, cursor: 'x' },
      ],
    ],
    [
      '/api/history?from=1&to=2&text=build',
      'tasks',
      [
        { text: 'build', fromMs: 1, toMs: 2 },
        { limit: 100, cursor: null },
      ],
    ],
    ['/api/workers', 'workers', []],
    ['/api/workers/master-1', 'worker', ['master-1']],
    ['/api/agents', 'agents', []],
    ['/api/alerts', 'alerts', []],
    ['/api/stats', 'stats', []],
    ['/api/tasks/t1/logs?after=7&limit=10', 'taskLines', ['t1', 7, 10]],
    [
      '/api/logs?nodeId=m&level=error&taskId=t1&text=x&since=9',
      'lines',
      [
        { nodeId: 'm', level: 'error', taskId: 't1', text: 'x', sinceMs: 9 },
        { limit: 500, cursor: null },
      ],
    ],
    [
      '/api/logs?levelFrom=warning&until=8&cursor=40&limit=2',
      'lines',
      [
        { levelFrom: 'warning', untilMs: 8 },
        { limit: 2, cursor: 40 },
      ],
    ],
  ])('%s asks for %s', async (path, method, args) => {
    await start({ [method]: async () => page })
    const response = await call(path)
    expect([response.status, await response.text()]).toEqual([200, page])
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(scripted.calls.find(({ name }) => name === method)?.args.slice(1)).toEqual(args)
  })

  it.each([
    '/api/tasks?status=lost',
    '/api/tasks?limit=0',
    '/api/tasks?colour=red',
    '/api/workers?x=1',
    '/api/logs?level=loud',
    '/api/logs?cursor=-1',
  ])('refuses %s', async (path) => {
    await start()
    expect((await refusalOf(await call(path))).slice(0, 2)).toEqual([400, 'invalid_request'])
  })

  it('answers unknown things and routes as ERROR', async () => {
    await start()
    expect(await refusalOf(await call('/api/tasks/t9'))).toEqual([
      404,
      'task_not_found',
      'There is no task t9.',
    ])
    expect(await refusalOf(await call('/api/nothing?secret=1'))).toEqual([
      404,
      'not_found',
      'There is no GET /api/nothing.',
    ])
    expect((await refusalOf(await call('/api/tasks', { method: 'PUT' })))[1]).toBe('not_found')
    expect((await refusalOf(await call('/api/tasks/%zz')))[1]).toBe('invalid_request')
  })

  it('hides the cause of a defect and logs it', async () => {
    await start({
      stats: async () => {
        throw new Error('secret detail')
      },
    })
    const response = await call('/api/stats')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret')
    expect(log.entries.find(({ level }) => level === 'error')?.context).toMatchObject({ path: '/api/stats' })
  })
})

describe('signing in', () => {
  it('exchanges a code and renews a session, without a token and with its own', async () => {
    const session = { token: 'afs_1', expiresAt: 5 }
    await start({ login: async () => session, renew: async () => session })
    expect(
      await (
        await call('/api/login', {
          method: 'POST',
          token: null,
          body: '{"code":"x"}',
          headers: { 'content-type': 'application/json' },
        })
      ).json(),
    ).toEqual(session)
    expect(await (await call('/api/login/renew', { method: 'POST', token: 'afs_0' })).json()).toEqual(session)
    expect(scripted.calls.find(({ name }) => name === 'renew')?.args).toEqual(['afs_0'])
  })

  it.each([null, 'afp_wrong'])('refuses the token %s', async (token) => {
    await start()
    const response = await call('/api/stats', { token })
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect((await refusalOf(response)).slice(0, 2)).toEqual([401, 'not_authenticated'])
  })

  it('does not read the body of a caller without a token', async () => {
    await start()
    expect((await call('/api/tasks', { method: 'POST', token: null, body: '{"' })).status).toBe(401)
  })
})
