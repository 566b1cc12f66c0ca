import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alert } from '../../src/contract/alert.js'
import type { Task } from '../../src/contract/task.js'
import { limits } from '../../src/core/limits.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  const brokenRule = pathToFileURL('test/e2e/broken-rule.mjs').href
  fleet = await Fleet.start([], undefined, { NODE_OPTIONS: `--import=${brokenRule}` })
})
afterAll(async () => {
  await fleet.stop()
})

/** null while the leader is away. */
const asked = <T>(path: string): Promise<T | null> => fleet.json<T>(path).catch(() => null)

const ended = (taskId: string): Promise<Task> =>
  poll(`the end of ${taskId}`, async () => {
    const task = await asked<Task>(`/api/tasks/${taskId}`)
    return task !== null && ['completed', 'failed'].includes(task.status) ? task : null
  })

it('[QU2] [QU3] a report that crashes the leader is set aside at its third start, and the others go on', async () => {
  const long = await fleet.submit('sleep 4', { requirements: { workerId: 'master-2' } })
  const poison = await fleet.submit('true', {
    name: 'poison',
    retry: { attemptsMax: 1 },
    requirements: { workerId: 'master-1' },
  })
  expect(await ended(poison)).toMatchObject({ phase: 'lost' })
  const exits = fleet.process.lines.filter(({ name, state }) => name === 'leader' && state === 'exited')
  expect(exits).toHaveLength(limits.crashesUntilQuarantine)
  const { alerts } = await fleet.json<{ alerts: Alert[] }>('/api/alerts')
  expect(alerts).toMatchObject([{ kind: 'quarantined', level: 'error', state: 'raised', nodeId: 'master-1' }])
  expect(alerts[0]?.message).toContain(`master-1 sent the end of a run of task ${poison}`)

  expect(await ended(long)).toMatchObject({ status: 'completed', attempt: 1 })
  const after = await fleet.submit('true', { requirements: { workerId: 'master-1' } })
  expect(await ended(after)).toMatchObject({ status: 'completed' })
  expect(fleet.process.lines.filter(({ state }) => state === 'exited')).toHaveLength(exits.length)
})
