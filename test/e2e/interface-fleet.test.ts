import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiptSchema, type Task } from '../../src/contract/task.js'
import { agentSchema } from '../../src/contract/worker.js'
import { seriesIn } from '../../src/testing/exposition-text.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

const finished = (taskId: string): Promise<Task> =>
  poll(`${taskId} to end`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.completedAt === null ? null : task
  })

describe('METRICS', () => {
  it.each(['/api/metrics', '/metrics'])('[MT1] [AC1] %s is for Prometheus, with a token', async (path) => {
    expect((await fleet.call(path, { token: null })).status).toBe(401)
    await finished(await fleet.submit(['true']))
    const value = await poll('the load of both masters', async () => {
      const series = seriesIn(await (await fleet.call(path)).text())
      const isLoaded = ['master-1', 'master-2'].every((id) =>
        series.has(`worker_cpu_usage{worker_id="${id}"}`),
      )
      return isLoaded ? (name: string): number => series.get(name) ?? Number.NaN : null
    })
    expect(value('workers_total{status="online"}')).toBe(2)
    const agents = ['idle', 'busy', 'error', 'offline'].map((status) =>
      value(`agents_total{status="${status}"}`),
    )
    expect(agents.reduce((a, b) => a + b)).toBe(20)
    expect(value('tasks_pending')).toBe(0)
    expect(value('tasks_total{status="completed"}')).toBeGreaterThanOrEqual(1)
    expect(value('tasks_duration_seconds_count{status="completed"}')).toBeGreaterThanOrEqual(1)
    expect(value('worker_cpu_usage{worker_id="master-1"}')).toBeLessThanOrEqual(1)
    expect(value('worker_memory_usage{worker_id="master-2"}')).toBeGreaterThan(0)
  })
})

describe('AGENT', () => {
  const agentIds = async (workerId: string): Promise<readonly string[]> =>
    (await fleet.json<{ agents: { agentId: string }[] }>(`/api/agents?workerId=${workerId}`)).agents.map(
      ({ agentId }) => agentId,
    )
  const remove = (agentId: string, query = ''): Promise<Response> =>
    fleet.call(`/api/agents/${encodeURIComponent(agentId)}${query}`, { method: 'DELETE' })

  it('[AG1] [AG4] is created, runs a task, and is there after a restart of its master', async () => {
    const response = await fleet.post('/api/agents', { workerId: 'master-2', accountIdx: 3 })
    const agent = agentSchema.strict().parse(await response.json())
    expect([response.status, agent]).toMatchObject([
      201,
      { agentId: 'master-2/p11', workerId: 'master-2', kind: 'process', accountIdx: 3, status: 'idle' },
    ])
    const batch = await fleet.post('/api/agents/create', {
      agents: [{ workerId: 'master-2' }, { workerId: 'master-1' }],
    })
    expect([batch.status, await batch.json()]).toMatchObject([
      201,
      { agents: [{ agentId: 'master-2/p12' }, { agentId: 'master-1/p11' }] },
    ])
    const where = { requirements: { workerId: 'master-2' } }
    const tasks = await Promise.all(Array.from({ length: 12 }, () => fleet.submit(['sleep', '300'], where)))
    await poll('twelve to run at once', async () => {
      const { agents } = await fleet.json<{ agents: unknown[] }>('/api/agents?workerId=master-2&status=busy')
      return agents.length === 12 ? true : null
    })
    const restarted = await fleet.post('/api/workers/master-2/restart?wait=20000')
    expect(await restarted.json()).toMatchObject({ state: 'done' })
    const worker = await fleet.json<{ maxAgents: number; busyAgents: number }>('/api/workers/master-2')
    expect([worker.maxAgents, worker.busyAgents]).toEqual([12, 12])
    expect(await fleet.json('/api/agents/master-2%2Fp11')).toMatchObject({ accountIdx: 3, status: 'busy' })
    await Promise.all(tasks.map((taskId) => fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)))
  })

  it('[AG3] is deleted: refused while it is busy, and with force its task goes on', async () => {
    const taskId = await fleet.submit(['sh', '-c', 'sleep 1'], { requirements: { workerId: 'master-1' } })
    const agentId = await poll('it to run', async () => {
      const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
      return task.phase === 'running' ? task.agentId : null
    })
    const busy = await remove(agentId)
    expect([busy.status, await busy.json()]).toMatchObject([
      409,
      { error: { code: 'agent_busy', retryable: false } },
    ])
    const forced = await remove(agentId, '?force=true&wait=20000')
    const receipt = receiptSchema.strict().parse(await forced.json())
    expect([forced.status, receipt.action, receipt.state, receipt.agentId]).toEqual([
      202,
      'delete_agent',
      'done',
      agentId,
    ])
    expect(await agentIds('master-1')).not.toContain(agentId)
    expect((await finished(taskId)).phase).toBe('succeeded')
    expect((await remove(agentId)).status).toBe(404)
  })

  it('[AG2] [AG5] refuses what cannot be, each with its code', async () => {
    const refused = async (response: Response): Promise<unknown> => {
      const { error } = (await response.json()) as { error: { code: string } }
      return [response.status, error.code]
    }
    expect(await refused(await fleet.post('/api/agents', { kind: 'function' }))).toEqual([
      422,
      'unprocessable',
    ])
    expect(await refused(await fleet.post('/api/agents', { workerId: 'nobody' }))).toEqual([
      404,
      'worker_not_found',
    ])
    expect(await refused(await fleet.post('/api/agents', { colour: 'red' }))).toEqual([
      400,
      'invalid_request',
    ])
    for (const path of ['master-1%2Fp9', 'master-1/p9'])
      expect(await refused(await fleet.call(`/api/agents/${path}/screenshot`))).toEqual([
        409,
        'not_a_browser',
      ])
    expect(await refused(await fleet.call('/api/agents/x%2Fp1/screenshot'))).toEqual([404, 'agent_not_found'])
  })

  it('comes and goes from the command line', async () => {
    const created = await fleet.cli(['agents', 'create', '--on', 'master-1', '--count', '2', '--json'])
    const { agents } = JSON.parse(created.stdout) as { agents: { agentId: string }[] }
    expect(agents).toHaveLength(2)
    for (const { agentId } of agents)
      expect((await fleet.cli(['agents', 'delete', agentId])).stdout).toBe(`Agent ${agentId} is gone.\n`)
    expect((await fleet.cli(['agents', 'delete', 'master-1/p99'])).code).toBe(5)
    const listed = await fleet.cli(['agents', 'list', '--on', 'master-1', '--json'])
    const ids = (JSON.parse(listed.stdout) as typeof created & { agents: { agentId: string }[] }).agents
    expect(ids.map(({ agentId }) => agentId)).toEqual(await agentIds('master-1'))
  })
})

describe('POST /rpc/:tool', () => {
  const rpc = async (tool: string, args: object, query = ''): Promise<{ status: number; body: never }> => {
    const response = await fleet.post(`/rpc/${tool}${query}`, { args })
    return { status: response.status, body: (await response.json()) as never }
  }

  it('[TL1] [TL2] does by name what REST does', async () => {
    const submitted = await rpc('submit_task', { type: 'command', payload: { command: ['sleep', '300'] } })
    const { taskId } = (submitted.body as { result: Task }).result
    expect(submitted.status).toBe(200)
    const read = await rpc('get_task', { taskId })
    expect((read.body as { result: Task }).result.taskId).toBe(taskId)
    await poll('it to run', async () =>
      (await fleet.json<Task>(`/api/tasks/${taskId}`)).phase === 'running' ? true : null,
    )
    const cancelled = await rpc('control_task', { taskId, action: 'cancel' }, '?wait=20000')
    expect(cancelled.body).toMatchObject({ result: { taskId, action: 'cancel', state: 'stopped' } })
    expect((await finished(taskId)).phase).toBe('cancelled')
    expect((await rpc('list_workers', {})).body).toMatchObject({ result: await fleet.json('/api/workers') })
    expect(await rpc('nothing', {})).toMatchObject({
      status: 404,
      body: { error: { code: 'tool_not_found' } },
    })
    expect(await rpc('get_task', {})).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    })
    expect((await fleet.call('/rpc/stats', { method: 'POST', token: null })).status).toBe(401)
  })

  it('[TL3] is listed, and reached from the command line', async () => {
    const { tools } = await fleet.json<{ tools: { name: string }[] }>('/rpc')
    const listed = await fleet.cli(['tools', '--json'])
    expect(JSON.parse(listed.stdout)).toEqual({ tools })
    const called = await fleet.cli(['call', 'list_agents', '--json'])
    expect(JSON.parse(called.stdout)).toEqual(await fleet.json('/api/agents'))
    expect((await fleet.cli(['call', 'nothing'])).code).toBe(5)
    expect((await fleet.cli(['call', 'stats', '--args', '[1]'])).code).toBe(2)
  })
})

it('[PT1] a partial result comes as an event of its task', async () => {
  const taskId = await fleet.submit(['sh', '-c', 'agentflow progress 0.3 --partial \'{"rows":12}\'; sleep 1'])
  const text = await (await fleet.call(`/api/tasks/${taskId}/events`)).text()
  const data = /^event: partial\nid: \d+:\d+\ndata: (.*)$/m.exec(text)?.[1] ?? '{}'
  expect(JSON.parse(data)).toMatchObject({ taskId, attempt: 1, partial: { rows: 12 } })
  expect(await fleet.json(`/api/tasks/${taskId}`)).not.toHaveProperty('partial')
})

describe("a master's own server", () => {
  it('[MH1] [MH2] [MH3] answers by itself and through its leader, for users of the leader', async () => {
    const { url } = await fleet.json<{ url: string }>('/api/workers/master-1')
    const at = (
      path: string,
      init: RequestInit = {},
      token: string | null = fleet.ready.token,
    ): Promise<Response> =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      })
    const rpc = async (tool: string, args: object): Promise<unknown> =>
      (await at(`/rpc/${tool}`, { method: 'POST', body: JSON.stringify({ args }) })).json()
    const { agents } = (await (await at('/api/agents')).json()) as { agents: unknown[] }
    expect(agents.map((agent) => agentSchema.strict().parse(agent).workerId)).toEqual(
      Array(agents.length).fill('master-1'),
    )
    const ran = (await rpc('run', { type: 'command', payload: { command: ['true'] } })) as { result: Task }
    expect((await finished(ran.result.taskId)).workerId).toBe('master-1')
    expect(await rpc('get_task', { taskId: ran.result.taskId })).toEqual({
      result: await fleet.json(`/api/tasks/${ran.result.taskId}`),
    })
    expect(await rpc('master_status', {})).toMatchObject({
      result: { nodeId: 'master-1', link: { phase: 'live' } },
    })
    expect(await rpc('nothing', {})).toMatchObject({ error: { code: 'tool_not_found' } })
    expect(seriesIn(await (await at('/metrics')).text()).has('agents_total{status="idle"}')).toBe(true)
    for (const token of [null, 'afp_wrong'])
      for (const path of ['/api/agents', '/rpc', '/metrics'])
        expect((await at(path, {}, token)).status).toBe(401)
    for (const path of ['/healthz', '/readyz']) expect((await at(path, {}, null)).status).toBe(200)
  })
})
