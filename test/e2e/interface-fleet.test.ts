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
