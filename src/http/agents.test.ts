import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { asCommandId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { silentLog } from '../testing/silent-log.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
let scripted: ScriptedPlane
let receiptState = 'done'
const { call, post } = httpCalls(() => port)
const agent = (agentId: string, kind = 'process') => ({
  agentId,
  workerId: agentId.split('/')[0],
  kind,
  status: 'idle',
})

beforeEach(async () => {
  receiptState = 'done'
  scripted = new ScriptedPlane({
    execute: async (_, { command }) =>
      command.name === 'create_agents'
        ? { kind: 'receipts', commandIds: command.agents.map((_wish, n) => asCommandId(`c${n + 1}`)) }
        : { kind: 'receipt', commandId: asCommandId('c9') },
    receipt: async (_, commandId, waitMs) =>
      JSON.stringify({ commandId, state: receiptState, waitMs, agentId: `m1/p${commandId.slice(1)}` }),
    agents: async () =>
      JSON.stringify({ agents: [agent('m1/p1'), agent('m2/p1'), agent('m2/f1', 'function')] }),
    agent: async (_, agentId) => {
      if (!agentId.startsWith('m1/'))
        throw new ControlError('agent_not_found', `there is no agent ${agentId}`)
      return JSON.stringify(agent(agentId))
    },
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

const asked = () => scripted.calls.find(({ name }) => name === 'execute')?.args[1]

describe('creating agents', () => {
  it.each(['/api/agents', '/api/agents/create'])(
    '[AG1] POST %s answers 201 and the agent that is there',
    async (path) => {
      const response = await post(path, { workerId: 'm1', accountIdx: 3 })
      expect([response.status, await response.json()]).toEqual([201, agent('m1/p1')])
      expect(asked()).toMatchObject({
        command: { agents: [{ kind: 'process', nodeId: 'm1', accountIdx: 3 }] },
      })
    },
  )

  it('[AG1] takes several at once, and none at all as one', async () => {
    const response = await post('/api/agents', { agents: [{}, { workerId: 'm1' }] })
    expect([response.status, await response.json()]).toEqual([
      201,
      { agents: [agent('m1/p1'), agent('m1/p2')] },
    ])
    expect((await call('/api/agents', { method: 'POST' })).status).toBe(201)
  })

  it('[AG1] answers 202 and receipts when a master takes longer than the wait', async () => {
    receiptState = 'sent'
    const one = await post('/api/agents', {})
    expect([one.status, await one.json()]).toMatchObject([
      202,
      { commandId: 'c1', waitMs: limits.agentWaitMs },
    ])
    const two = await post('/api/agents?wait=0', { agents: [{}, {}] })
    expect([two.status, await two.json()]).toMatchObject([
      202,
      { receipts: [{ waitMs: 0 }, { commandId: 'c2' }] },
    ])
  })

  it('[AG2] refuses what is malformed, and more than the limit', async () => {
    const bad: [unknown, string][] = [
      [{ colour: 'red' }, 'body: unknown key "colour"'],
      [{ kind: 'robot' }, 'body.kind'],
      [{ agents: [] }, 'args.agents'],
      [{ agents: [{}], wait: 1 }, 'unknown key "wait"'],
      [{ agents: Array(limits.agentsBatchMax + 1).fill({}) }, 'args.agents'],
      [[1], 'expected object'],
    ]
    for (const [body, sentence] of bad) {
      const [status, code, message] = await refusalOf(await post('/api/agents', body))
      expect([status, code, message]).toEqual([400, 'invalid_request', expect.stringContaining(sentence)])
    }
    expect((await post('/api/agents', { agents: Array(limits.agentsBatchMax).fill({}) })).status).toBe(201)
  })
})

describe('one agent', () => {
  it.each(['m1%2Fp1', 'm1/p1'])('[AG3] is read and deleted under %s', async (path) => {
    expect(await (await call(`/api/agents/${path}`)).json()).toEqual(agent('m1/p1'))
    const response = await call(`/api/agents/${path}?force=true&wait=50`, { method: 'DELETE' })
    expect([response.status, await response.json()]).toMatchObject([202, { commandId: 'c9', waitMs: 50 }])
    expect(asked()).toMatchObject({ command: { name: 'delete_agent', agentId: 'm1/p1', force: true } })
  })

  it('[AG3] is not forced unless it is asked', async () => {
    await call('/api/agents/m1%2Fp1', { method: 'DELETE' })
    expect(asked()).toMatchObject({ command: { force: false } })
    expect((await call('/api/agents/m1%2Fp1?force=maybe', { method: 'DELETE' })).status).toBe(400)
  })

  it('[AG5] has no picture unless it is a browser', async () => {
    for (const path of ['m1%2Fp1', 'm1/p1'])
      expect((await refusalOf(await call(`/api/agents/${path}/screenshot`))).slice(0, 2)).toEqual([
        409,
        'not_a_browser',
      ])
    expect((await refusalOf(await call('/api/agents/m9%2Fp1/screenshot'))).slice(0, 2)).toEqual([
      404,
      'agent_not_found',
    ])
  })
})

it('lists agents by id, worker, kind and status', async () => {
  const ids = async (query: string) =>
    ((await (await call(`/api/agents${query}`)).json()) as { agents: { agentId: string }[] }).agents.map(
      ({ agentId }) => agentId,
    )
  expect(await ids('')).toHaveLength(3)
  expect(await ids('?workerId=m2')).toEqual(['m2/p1', 'm2/f1'])
  expect(await ids('?workerId=m2&kind=process&status=idle')).toEqual(['m2/p1'])
  expect(await ids('?ids=m2/f1,m1%2Fp1,m9/p1')).toEqual(['m1/p1', 'm2/f1'])
  expect(await ids('?ids=m2/f1,m1/p1&workerId=m1')).toEqual(['m1/p1'])
  const asTool = await post('/rpc/list_agents', { args: { ids: ['m2/p1'] } })
  expect(await asTool.json()).toMatchObject({ result: { agents: [{ agentId: 'm2/p1' }] } })
  const tooMany = Array.from({ length: limits.agentsBatchMax + 1 }, (_, n) => `m/p${n}`).join(',')
  for (const query of ['kind=robot', 'ids=', `ids=${tooMany}`])
    expect([query.slice(0, 20), (await call(`/api/agents?${query}`)).status]).toEqual([
      query.slice(0, 20),
      400,
    ])
})
