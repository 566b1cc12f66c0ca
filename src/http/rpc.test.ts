import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asTaskId } from '../core/ids.js'
import type { Caller } from '../ports/control-plane.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { silentLog } from '../testing/silent-log.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
let scripted: ScriptedPlane
const { call, post } = httpCalls(() => port)

beforeEach(async () => {
  scripted = new ScriptedPlane({
    execute: async () => ({ kind: 'task', taskId: asTaskId('t1'), created: true }),
    task: async (_, taskId) => JSON.stringify({ taskId, name: 'hello' }),
    workers: async () => '{"workers":[]}',
    receipt: async (_, commandId, waitMs) => JSON.stringify({ commandId, waitMs }),
  })
  server = createHttpServer({
    plane: scripted.plane,
    log: silentLog,
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close())

describe('POST /rpc/:tool', () => {
  it('[TL1] answers what the route of REST answers, as result', async () => {
    const [rpc, rest] = await Promise.all([
      post('/rpc/get_task', { args: { taskId: 't1' } }),
      call('/api/tasks/t1'),
    ])
    expect([rpc.status, await rpc.json()]).toEqual([200, { result: await rest.json() }])
    const none = await call('/rpc/list_workers', { method: 'POST' })
    expect(await none.json()).toEqual({ result: { workers: [] } })
  })

  it('[TL1] takes the wait and the idempotency key as REST does, and calls as the same caller', async () => {
    const waited = await post('/rpc/get_receipt?wait=900000', { args: { commandId: 'c1' } })
    expect(await waited.json()).toEqual({ result: { commandId: 'c1', waitMs: 60_000 } })
    const args = { type: 'command', payload: { command: ['true'] } }
    await post('/rpc/submit_task', { args }, { 'idempotency-key': 'k' })
    const [caller, request] = scripted.calls.find(({ name }) => name === 'execute')?.args ?? []
    expect(request).toMatchObject({ command: { spec: { idempotencyKey: 'k' } } })
    expect((caller as Caller).principal).toMatchObject({ kind: 'user', id: 'admin' })
  })

  it('[TL2] refuses what it does not know, what is malformed and who has no token', async () => {
    expect((await refusalOf(await post('/rpc/nothing', {}))).slice(0, 2)).toEqual([404, 'tool_not_found'])
    expect((await refusalOf(await post('/rpc/stats', { arg: {} }))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ])
    expect((await refusalOf(await post('/rpc/get_task', { args: {} }))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ])
    for (const method of ['GET', 'POST'])
      expect((await call(`/rpc${method === 'GET' ? '' : '/stats'}`, { method, token: null })).status).toBe(
        401,
      )
  })
})

it('[TL3] GET /rpc lists every tool with its JSON schema', async () => {
  const { tools } = (await (await call('/rpc')).json()) as {
    tools: { name: string; args: { type: string } }[]
  }
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['control_task', 'get_task', 'submit_task']),
  )
  expect(tools.every(({ args }) => args.type === 'object')).toBe(true)
})
