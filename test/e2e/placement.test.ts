import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Placement, placementSchema } from '../../src/contract/placement.js'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '3'])
})
afterAll(async () => {
  await fleet.stop()
})

const placement = async (): Promise<Placement> =>
  placementSchema.parse(await fleet.json('/api/settings/placement'))
/** Where these run, one after the other. */
async function workersOf(count: number, more: object): Promise<readonly (string | null)[]> {
  const workers: (string | null)[] = []
  for (let n = 0; n < count; n += 1) {
    const taskId = await fleet.submit(['true'], more)
    const task = await poll('the task to end', async () => {
      const shown = await fleet.json<Task>(`/api/tasks/${taskId}`)
      return shown.completedAt === null ? null : shown
    })
    workers.push(task.workerId)
  }
  return workers
}

it('[PL1] a strategy is chosen while the fleet runs, and outlives its leader', async () => {
  expect((await placement()).strategy).toBe('first-fit')
  expect(await workersOf(3, {})).toEqual(['master-1', 'master-1', 'master-1'])
  const { code, stdout } = await fleet.cli(['placement', 'round-robin', '--json'])
  expect([code, (JSON.parse(stdout) as Placement).strategy]).toEqual([0, 'round-robin'])
  expect(new Set(await workersOf(3, {})).size).toBe(3)
  const pid = fleet.ready.pids.leader ?? 0
  process.kill(pid, 'SIGKILL')
  await fleet.successor('leader', pid)
  const shown = await poll('the leader to be back', () => placement().catch(() => null))
  expect(shown.strategy).toBe('round-robin')
  await poll('the masters to take tasks in turn again', async () => {
    const workers = new Set(await workersOf(3, {}))
    return workers.size === 3 ? workers : null
  })
})

it('[PL4] affinity keeps the tasks of an account on one master', async () => {
  const put = await fleet.call('/api/settings/placement', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ strategy: 'affinity' }),
  })
  expect(put.status).toBe(200)
  expect(placementSchema.parse(await put.json()).strategy).toBe('affinity')
  const owners = new Set<string | null>()
  for (let accountIdx = 0; accountIdx < 8; accountIdx += 1) {
    const workers = new Set(await workersOf(2, { requirements: { accountIdx } }))
    expect(workers.size).toBe(1)
    for (const worker of workers) owners.add(worker)
  }
  expect(owners.size).toBeGreaterThan(1)
  const refused = await fleet.call('/api/settings/placement', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ strategy: 'best' }),
  })
  expect(refused.status).toBe(400)
})
