import { statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertSchema } from '../../src/contract/alert.js'
import { lineSchema } from '../../src/contract/line.js'
import { statsSchema } from '../../src/contract/session.js'
import { type Receipt, receiptSchema, type Task, taskSchema } from '../../src/contract/task.js'
import { agentSchema, workerSchema } from '../../src/contract/worker.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

const refusal = async (response: Response): Promise<unknown[]> => {
  const body = (await response.json()) as { error: Record<string, unknown> }
  expect(Object.keys(body.error)).toEqual(['code', 'message', 'retryable', 'details'])
  expect(String(body.error.message)).not.toBe('')
  return [response.status, body.error.code, body.error.retryable]
}
const finished = (taskId: string): Promise<Task> =>
  poll(`${taskId} to end`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.completedAt === null ? null : task
  })
const inPhase = (taskId: string, phase: string): Promise<Task> =>
  poll(`${taskId} to be ${phase}`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.phase === phase ? task : null
  })

describe('READY', () => {
  it("has exactly these fields, with processes that live and secrets that are this user's", () => {
    const { ready } = fleet
    expect(Object.keys(ready).join(' ')).toBe('ready url api ws grpc token joinFile dataDir walls pids')
    expect(ready.url).toMatch(new RegExp(`^${ready.api}/#login=[\\w-]{20,}$`))
    expect(ready.api).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(ready.ws).toBe(`${ready.api.replace('http', 'ws')}/ws`)
    expect(ready.grpc).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(ready.token).toMatch(/^afp_[\w-]{43}$/)
    expect(Object.keys(ready.pids)).toEqual(['up', 'leader', 'master-1', 'master-2'])
    for (const pid of Object.values(ready.pids)) expect(process.kill(pid, 0)).toBe(true)
    for (const file of [ready.joinFile, `${ready.dataDir}/cli.json`])
      expect(statSync(file).mode & 0o077).toBe(0)
  })
})

describe('LOGIN', () => {
  it('[AC2] takes the code once and gives a session that can be renewed', async () => {
    const code = fleet.ready.url.split('#login=')[1]
    const login = () =>
      fleet.call('/api/login', {
        method: 'POST',
        token: null,
        body: JSON.stringify({ code }),
        headers: { 'content-type': 'application/json' },
      })
    const session = (await (await login()).json()) as { token: string; expiresAt: number }
    expect(session.token).toMatch(/^afs_/)
    expect(session.expiresAt).toBeGreaterThan(Date.now())
    expect(await refusal(await login())).toEqual([401, 'login_code_invalid', false])
    expect((await fleet.call('/api/stats', { token: session.token })).status).toBe(200)
    const renewed = (await (
      await fleet.call('/api/login/renew', { method: 'POST', token: session.token })
    ).json()) as typeof session
    expect(renewed.expiresAt).toBeGreaterThanOrEqual(session.expiresAt)
    expect((await fleet.call('/api/stats', { token: renewed.token })).status).toBe(200)
  })
})

describe('SUBMIT', () => {
  const body = (more: object = {}) => ({ type: 'command', payload: { command: ['true'] }, ...more })

  it('[ID1] 201, then 200 for the same key and body, 409 for another body', async () => {
    const key = { 'idempotency-key': 'submit-1' }
    const first = await fleet.post('/api/tasks', body(), key)
    const again = await fleet.post('/api/tasks', body(), key)
    const [one, two] = [(await first.json()) as Task, (await again.json()) as Task]
    expect([first.status, again.status, two.taskId]).toEqual([201, 200, one.taskId])
    expect(await refusal(await fleet.post('/api/tasks', body({ priority: 9 }), key))).toEqual([
      409,
      'idempotency_conflict',
      false,
    ])
  })

  it('has every field of TASK, with the defaults filled in', async () => {
    const response = await fleet.post('/api/tasks', body({ name: 'all fields' }))
    const task = taskSchema.strict().parse(await response.json())
    expect(task).toMatchObject({
      type: 'command',
      name: 'all fields',
      project: 'default',
      priority: 5,
      payload: { command: ['true'] },
      requirements: { accountIdx: null, workerId: null, timeout: 300_000 },
      stallAfterMs: 120_000,
      retry: { attemptsMax: 4, on: ['lost', 'timeout'], backoffMs: 1000 },
      leaseClass: 'steady',
      onDisconnect: 'restart',
      waitReason: null,
      stall: null,
      completedAt: null,
    })
    expect(Number.isInteger(task.createdAt)).toBe(true)
  })
})

describe('[AC7] a bad submit', () => {
  it.each<[string, unknown, number, string]>([
    ['no JSON', '{"type":', 400, 'invalid_request'],
    [
      'an unknown key',
      { type: 'command', payload: { command: ['a'] }, colour: 'red' },
      400,
      'invalid_request',
    ],
    ['no payload', { type: 'command' }, 400, 'invalid_request'],
    ['no type', { payload: { command: ['a'] } }, 400, 'invalid_request'],
    [
      'a priority of 11',
      { type: 'command', payload: { command: ['a'] }, priority: 11 },
      400,
      'invalid_request',
    ],
    [
      'a payload over 64 KiB',
      { type: 'command', payload: { command: ['x'.repeat(65 * 1024)] } },
      413,
      'too_large',
    ],
    ['a body over its limit', `"${'x'.repeat(300 * 1024)}"`, 413, 'too_large'],
  ])('is refused: %s', async (_, given, status, code) => {
    expect(await refusal(await fleet.post('/api/tasks', given))).toEqual([status, code, false])
  })
})

describe('a run', () => {
  it("gets argv or shell text, cwd, env, stdin, and the task's environment", async () => {
    const script =
      'pwd; echo "$COLOUR"; cat; env | grep ^AGENTFLOW_ | sort; echo \'{"rows":3}\' > "$AGENTFLOW_RESULT_FILE"; agentflow progress 0.4 --text halfway'
    const payload = { command: script, cwd: '/', env: { COLOUR: 'blue' }, stdin: 'from stdin\n' }
    const response = await fleet.post(
      '/api/tasks',
      { type: 'command', payload },
      { 'idempotency-key': 'env-1' },
    )
    const task = await finished(((await response.json()) as Task).taskId)
    expect(task).toMatchObject({
      status: 'completed',
      phase: 'succeeded',
      progress: 0.4,
      attempt: 1,
      error: null,
    })
    expect(task.result).toMatchObject({ exitCode: 0, signal: null, value: { rows: 3 } })
    const { lines } = await fleet.json<{ lines: { text: string }[] }>(`/api/tasks/${task.taskId}/logs`)
    const text = lines.map((line) => line.text)
    expect(text.slice(0, 3)).toEqual(['/', 'blue', 'from stdin'])
    expect(text.slice(3).map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining([
        'AGENTFLOW_ATTEMPT',
        'AGENTFLOW_FENCE',
        'AGENTFLOW_IDEMPOTENCY_KEY',
        'AGENTFLOW_RESULT_FILE',
        'AGENTFLOW_SOCKET',
        'AGENTFLOW_TASK_ID',
      ]),
    )
    expect(text).toContain(`AGENTFLOW_TASK_ID=${task.taskId}`)
    expect(text).toContain(`AGENTFLOW_FENCE=${task.fence}`)
    expect(text.join('\n')).not.toContain(fleet.ready.token)
  })

  it.each<[string, string[], object, string, string]>([
    ['exits with a code', ['sh', '-c', 'exit 3'], {}, 'failed', 'exit'],
    ['cannot be started', ['/no/such/program'], {}, 'failed', 'spawn_failed'],
    [
      'is too long',
      ['sleep', '60'],
      { requirements: { timeout: 200 }, retry: { attemptsMax: 1 } },
      'failed',
      'timeout',
    ],
  ])('that %s says so in one sentence', async (_, command, more, status, phase) => {
    const task = await finished(await fleet.submit(command, more))
    expect([task.status, task.phase]).toEqual([status, phase])
    expect(task.error?.message).toMatch(/^[A-Z].*\.$/)
  })

  it('goes where it is asked to', async () => {
    const task = await finished(await fleet.submit(['true'], { requirements: { workerId: 'master-2' } }))
    expect([task.workerId, task.agentId]).toEqual(['master-2', expect.stringMatching(/^master-2\/p\d+$/)])
  })
})

describe('acts', () => {
  it('[RC1] pause, resume and cancel answer 202 and a receipt; ?wait answers at its final state', async () => {
    const taskId = await fleet.submit(['sleep', '300'])
    await inPhase(taskId, 'running')
    for (const [action, state, phase] of [
      ['pause', 'done', 'paused'],
      ['resume', 'done', 'running'],
      ['cancel', 'stopped', 'cancelled'],
    ] as const) {
      const response = await fleet.post(`/api/tasks/${taskId}/${action}?wait=20000`)
      const receipt = receiptSchema.strict().parse(await response.json())
      expect([response.status, receipt.action, receipt.state, receipt.taskId]).toEqual([
        202,
        action,
        state,
        taskId,
      ])
      expect(receipt.steps[0]?.state).toBe('sent')
      expect(await fleet.json(`/api/receipts/${receipt.commandId}`)).toEqual(receipt)
      await inPhase(taskId, phase)
    }
    const retried = await fleet.post(`/api/tasks/${taskId}/retry?wait=20000`)
    expect(((await retried.json()) as { state: string }).state).toBe('done')
    expect((await inPhase(taskId, 'running')).attempt).toBe(2)
    const deleted = await fleet.call(`/api/tasks/${taskId}?wait=20000`, { method: 'DELETE' })
    expect([deleted.status, ((await deleted.json()) as { state: string }).state]).toEqual([202, 'stopped'])
    const { receipts } = await fleet.json<{ receipts: Receipt[] }>(`/api/tasks/${taskId}/receipts`)
    expect(receipts.map(({ action }) => action)).toEqual(['cancel', 'retry', 'cancel', 'resume', 'pause'])
    const again = await fleet.call(`/api/tasks/${taskId}`, { method: 'DELETE' })
    expect([again.status, ((await again.json()) as Task).phase]).toEqual([200, 'cancelled'])
  })

  it('answer what is not there or not possible as ERROR', async () => {
    const taskId = await fleet.submit(['true'])
    await finished(taskId)
    expect(await refusal(await fleet.post('/api/tasks/t0/pause'))).toEqual([404, 'task_not_found', false])
    expect(await refusal(await fleet.call('/api/receipts/c0'))).toEqual([404, 'receipt_not_found', false])
    expect(await refusal(await fleet.post(`/api/tasks/${taskId}/pause`))).toEqual([409, 'wrong_phase', false])
  })
})

describe('GET', () => {
  it('lists tasks by status, worker and project, page by page', async () => {
    for (let n = 0; n < 5; n++)
      await finished(
        await fleet.submit(['true'], { project: 'pages', requirements: { workerId: 'master-1' } }),
      )
    const query = '/api/tasks?project=pages&status=completed&workerId=master-1&limit=2'
    const ids: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { tasks: Task[]; nextCursor: string | null; total: number } = await fleet.json(
        `${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      expect(page.total).toBe(5)
      ids.push(...page.tasks.map(({ taskId }) => taskId))
      cursor = page.nextCursor
    }
    expect(new Set(ids).size).toBe(5)
    expect(await fleet.json('/api/tasks?project=nothing')).toEqual({ tasks: [], nextCursor: null, total: 0 })
    expect(await refusal(await fleet.call('/api/tasks?status=lost'))).toEqual([400, 'invalid_request', false])
  })

  it('gives workers, agents, alerts and stats in their shapes', async () => {
    const { workers } = await fleet.json<{ workers: unknown[] }>('/api/workers')
    const parsed = workers.map((worker) => workerSchema.strict().parse(worker))
    expect(parsed.map(({ workerId, status, maxAgents }) => [workerId, status, maxAgents])).toEqual([
      ['master-1', 'online', 10],
      ['master-2', 'online', 10],
    ])
    expect(workerSchema.parse(await fleet.json('/api/workers/master-1')).agents).toHaveLength(10)
    expect(await refusal(await fleet.call('/api/workers/nobody'))).toEqual([404, 'worker_not_found', false])
    const { agents } = await fleet.json<{ agents: unknown[] }>('/api/agents')
    expect(agents.map((agent) => agentSchema.strict().parse(agent).kind)).toEqual(Array(20).fill('process'))
    const { alerts } = await fleet.json<{ alerts: unknown[] }>('/api/alerts')
    for (const alert of alerts) alertSchema.parse(alert)
    expect(statsSchema.parse(await fleet.json('/api/stats'))).toMatchObject({
      leaderId: 'leader-1',
      grpc: fleet.ready.grpc,
      durability: 'each-commit',
    })
  })

  it('gives metrics as fractions once they were pushed', async () => {
    const metrics = await poll(
      'metrics',
      async () => (await fleet.json<{ metrics: object | null }>('/api/workers/master-1')).metrics,
    )
    for (const [key, value] of Object.entries(metrics))
      if (['cpu', 'memory', 'disk'].includes(key)) expect(value).toBeLessThanOrEqual(1)
  })

  it("gives a task's lines, lines by filter, and history", async () => {
    const taskId = await fleet.submit(['sh', '-c', 'echo one; echo ERROR two; echo three >&2'], {
      name: 'three lines',
      requirements: { workerId: 'master-1' },
    })
    await finished(taskId)
    const page = await fleet.json<{ lines: unknown[]; next: number }>(
      `/api/tasks/${taskId}/logs?after=0&limit=2`,
    )
    const lines = page.lines.map((line) => lineSchema.parse(line))
    expect(lines.map(({ n }) => n)).toEqual([1, 2])
    expect(page.next).toBe(2)
    const rest = await fleet.json<{ lines: { n: number }[] }>(`/api/tasks/${taskId}/logs?after=2`)
    expect(rest.lines.map(({ n }) => n)).toEqual([3])
    const errors = await fleet.json<{ lines: { text: string; level: string }[] }>(
      `/api/logs?taskId=${taskId}&level=error&nodeId=master-1&text=two&since=1`,
    )
    expect(errors.lines.map(({ text, level }) => [text, level])).toEqual([['ERROR two', 'error']])
    const history = await fleet.json<{ tasks: Task[]; nextCursor: null }>(
      `/api/history?text=three%20lines&status=completed&workerId=master-1&from=1&to=${Date.now() + 1000}`,
    )
    expect(history.tasks.map((task) => task.taskId)).toEqual([taskId])
    expect(await refusal(await fleet.call('/api/tasks/t0/logs'))).toEqual([404, 'task_not_found', false])
  })

  it('streams one task as server-sent events', async () => {
    const taskId = await fleet.submit(['sh', '-c', 'echo one; agentflow progress 0.5; sleep 0.5; echo two'])
    const text = await (await fleet.call(`/api/tasks/${taskId}/events`)).text()
    const events = text
      .split('\n\n')
      .flatMap((block) => /^event: (\w+)\nid: (\d+:\d+)\ndata: (.*)$/s.exec(block)?.slice(1, 4) ?? [])
    expect(events.filter((part) => part === 'output')).toHaveLength(2)
    expect(events).toContain('progress')
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ taskId, phase: 'succeeded' })
    const done = await fleet.call(`/api/tasks/${taskId}/events`, {
      headers: { 'last-event-id': events.at(-2) ?? '' },
    })
    expect(done.status).toBe(204)
  })

  it('has probes, OpenAPI and the wall', async () => {
    expect((await fleet.call('/healthz', { token: null })).status).toBe(200)
    expect(await (await fleet.call('/readyz', { token: null })).json()).toEqual({ ready: true, reasons: [] })
    expect(
      ((await (await fleet.call('/api/openapi.json', { token: null })).json()) as { openapi: string })
        .openapi,
    ).toBe('3.1.0')
    for (const path of ['/', '/overview', '/topology', '/tasks', '/logs', '/alerts', '/history']) {
      const page = await fleet.call(path, { token: null })
      expect([path, page.status, page.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ])
    }
    expect((await fleet.call('/agent-hub', { token: null })).headers.get('location')).toBe('/overview')
  })
})

describe('[AC1] [AC4] who may call', () => {
  it.each([
    '/api/tasks',
    '/api/workers',
    '/api/agents',
    '/api/alerts',
    '/api/stats',
    '/api/logs',
    '/api/history',
  ])('%s needs a token', async (path) => {
    expect(await refusal(await fleet.call(path, { token: null }))).toEqual([401, 'not_authenticated', false])
    expect(await refusal(await fleet.call(path, { token: 'afp_wrong' }))).toEqual([
      401,
      'not_authenticated',
      false,
    ])
  })

  it('another Host or Origin is refused on loopback too', async () => {
    const { host, port } = new URL(fleet.ready.api)
    const get = (headers: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = createConnection(Number(port), '127.0.0.1')
        let answer = ''
        socket.on('data', (chunk) => {
          answer += String(chunk)
        })
        socket.on('close', () => resolve(answer))
        socket.end(`GET /healthz HTTP/1.1\r\n${headers}connection: close\r\n\r\n`)
      })
    expect(await get(`host: ${host}\r\norigin: http://${host}\r\n`)).toContain('200 OK')
    expect(await get('host: evil.example\r\n')).toContain('"origin_refused"')
    expect(await get(`host: ${host}\r\norigin: http://evil.example\r\n`)).toContain('"origin_refused"')
  })

  it('unknown routes are ERROR too', async () => {
    expect(await refusal(await fleet.call('/api/nothing'))).toEqual([404, 'not_found', false])
  })
})
