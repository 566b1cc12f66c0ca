import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
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
    expect((JSON.parse(called.stdout) as { agents: unknown[] }).agents).toHaveLength(20)
    expect((await fleet.cli(['call', 'nothing'])).code).toBe(5)
    expect((await fleet.cli(['call', 'stats', '--args', '[1]'])).code).toBe(2)
  })
})
