import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../contract/worker.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { ToolCall } from '../ports/tool-calls.js'
import { seriesIn } from '../testing/exposition-text.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { silentLog } from '../testing/silent-log.js'
import type { HttpServer } from './listen.js'
import { createMasterHttp } from './master-http.js'

const agents: readonly Agent[] = [
  {
    agentId: 'master-1/p1',
    workerId: 'master-1',
    kind: 'process',
    windowId: null,
    accountIdx: null,
    status: 'busy',
    currentTask: 't1',
    createdAt: 1,
  },
]

let server: HttpServer
let port: number
let nowMs: number
let asked: ToolCall[]
/** What the leader does with a call. */
let leader: (call: ToolCall) => Promise<string>
const { call, post } = httpCalls(() => port)

beforeEach(async () => {
  nowMs = 1_000
  asked = []
  leader = async ({ token, tool }) => {
    if (token !== 'afp_admin') throw new ControlError('not_authenticated', 'The token is unknown.')
    if (tool === 'nothing') throw new ControlError('tool_not_found', 'There is no tool "nothing".')
    return JSON.stringify({ tool })
  }
  server = createMasterHttp({
    self: {
      nodeId: 'master-1',
      agents: () => agents,
      status: () => ({ nodeId: 'master-1', liveRuns: 1 }),
      callLeader: (one) => {
        asked.push(one)
        return leader(one)
      },
    },
    status: () => ({ ready: false, reasons: ['starting'] }),
    log: silentLog,
    nowMs: () => nowMs,
  })
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close())

const tools = () => asked.map(({ tool }) => tool)

describe("a master's own server", () => {
  it('[MH1] answers its agents and its own tools itself', async () => {
    expect(await (await call('/api/agents')).json()).toEqual({ agents })
    expect(await (await post('/rpc/list_agents', {})).json()).toEqual({ result: { agents } })
    expect(await (await post('/rpc/master_status', { args: {} })).json()).toMatchObject({
      result: { liveRuns: 1 },
    })
    expect(tools()).toEqual(['whoami'])
    expect((await refusalOf(await post('/rpc/list_agents', { args: { a: 1 } }))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ])
  })

  it('[MH2] hands any other tool to the leader, with the token, the wait and the key of who calls', async () => {
    const response = await post(
      '/rpc/get_task?wait=90000',
      { args: { taskId: 't1' } },
      { 'idempotency-key': 'k' },
    )
    expect(await response.json()).toEqual({ result: { tool: 'get_task' } })
    expect(asked.at(-1)).toEqual({
      token: 'afp_admin',
      tool: 'get_task',
      argsJson: '{"taskId":"t1"}',
      waitMs: limits.waitMsMax,
      idempotencyKey: 'k',
    })
    expect(await refusalOf(await post('/rpc/nothing', {}))).toEqual([
      404,
      'tool_not_found',
      'There is no tool "nothing".',
    ])
  })

  it('[MH2] runs a task on itself', async () => {
    await post('/rpc/run', {
      args: { type: 'command', payload: { command: ['true'] }, requirements: { timeout: 5 } },
    })
    expect(asked.at(-1)?.tool).toBe('submit_task')
    expect(JSON.parse(asked.at(-1)?.argsJson ?? '')).toEqual({
      type: 'command',
      payload: { command: ['true'] },
      requirements: { timeout: 5, workerId: 'master-1' },
    })
  })

  it('[MH3] [AC1] lets in whom the leader knows, and asks again when its word is old', async () => {
    for (const path of ['/api/agents', '/rpc', '/metrics', '/api/metrics']) {
      expect((await refusalOf(await call(path, { token: null }))).slice(0, 2)).toEqual([
        401,
        'not_authenticated',
      ])
      expect((await refusalOf(await call(path, { token: 'afp_wrong' }))).slice(0, 2)).toEqual([
        401,
        'not_authenticated',
      ])
    }
    asked = []
    for (let n = 0; n < 3; n++) expect((await call('/api/agents')).status).toBe(200)
    expect(tools()).toEqual(['whoami'])
    leader = async () => {
      throw new ControlError('unavailable', 'There is no leader at the moment.')
    }
    expect((await call('/api/agents')).status).toBe(200)
    nowMs += limits.tokenTrustMs
    expect((await refusalOf(await call('/api/agents'))).slice(0, 2)).toEqual([503, 'unavailable'])
  })

  it('[MH3] remembers tokensKept tokens', async () => {
    leader = async () => '{}'
    for (let n = 0; n <= limits.tokensKept; n++) await call('/api/agents', { token: `afp_${n}` })
    asked = []
    await call('/api/agents', { token: `afp_${limits.tokensKept}` })
    expect(asked).toEqual([])
    await call('/api/agents', { token: 'afp_0' })
    expect(tools()).toEqual(['whoami'])
  })

  it('[MH1] lists its tools and those of the leader, and has metrics and probes', async () => {
    const listed = (await (await call('/rpc')).json()) as { tools: { name: string }[] }
    expect(listed.tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['get_task', 'list_agents', 'master_status', 'run', 'submit_task']),
    )
    const series = seriesIn(await (await call('/metrics')).text())
    expect([series.get('agents_total{status="busy"}'), series.get('agents_total{status="idle"}')]).toEqual([
      1, 0,
    ])
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(0)
    expect((await call('/healthz', { token: null })).status).toBe(200)
    expect((await call('/readyz', { token: null })).status).toBe(503)
    expect((await refusalOf(await call('/api/tasks')))[1]).toBe('not_found')
  })
})
