import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Limit, limitSchema } from '../../src/contract/limit.js'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
})
afterAll(async () => {
  await fleet.stop()
})

const task = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const until = (taskId: string, is: (shown: Task) => boolean) =>
  poll('the task', async () => {
    const shown = await task(taskId)
    return is(shown) ? shown : null
  })
const ended = (taskId: string) => until(taskId, ({ completedAt }) => completedAt !== null)
const cli = async (...args: readonly string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await fleet.cli([...args, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}
/** Runs until the file is there. */
const untilThere = (file: string) => `until [ -e '${file}' ]; do sleep 0.05; done`
const file = (name: string): string => join(fleet.folder, name)

it('[LM2] a key limited to 1 never has two runs at once, as the lock that they hold sees it', async () => {
  const limit = limitSchema.parse(await cli('limits', 'set', 'key', 'deploy', '--runs', '1'))
  expect(limit).toMatchObject({ limitId: 'key:deploy', runsMax: 1, rate: null, running: 0, closed: null })
  // Fails at once when another one holds the lock.
  const script = `exec 9>'${file('deploy.lock')}'; flock -n 9 || exit 7; sleep 0.1`
  const ids = await Promise.all(
    Array.from({ length: 8 }, () => fleet.submit(script, { concurrencyKey: 'deploy' })),
  )
  const others = await Promise.all([1, 2].map(() => fleet.submit(['true'])))
  const done = await Promise.all([...ids, ...others].map(ended))
  expect(done.map(({ result }) => result?.exitCode)).toEqual(Array(10).fill(0))
  expect(new Set(done.map(({ workerId }) => workerId)).size).toBe(2)
})

it('[LM3] a project, and a kind of agent, run as many as their limit and go on as soon as one ends', async () => {
  for (const [scope, value, project] of [
    ['project', 'web', 'web'],
    ['agentKind', 'process', 'default'],
  ] as const) {
    const set = await fleet.post('/api/limits', { scope, value, runsMax: 1 })
    expect(set.status).toBe(200)
    const stop = file(`stop-${scope}`)
    const first = await fleet.submit(untilThere(stop), { project })
    await until(first, ({ phase }) => phase === 'running')
    const second = await fleet.submit(['true'], { project })
    expect((await task(second)).phase).toBe('queued')
    const shown = await fleet.json<Limit>(`/api/limits/${scope}:${value}`)
    expect(shown).toMatchObject({ running: 1, closed: 'concurrency' })
    writeFileSync(stop, '')
    expect((await ended(second)).status).toBe('completed')
    const deleted = await fleet.call(`/api/limits/${scope}:${value}`, { method: 'DELETE' })
    expect(await deleted.json()).toEqual({ limitId: `${scope}:${value}`, deleted: true })
  }
})

it('[LM4] a rate starts one at a time, by time alone', async () => {
  await cli('limits', 'set', 'key', 'mail', '--rate', '1', '--per', '400ms')
  const ids = await Promise.all([1, 2, 3].map(() => fleet.submit(['true'], { concurrencyKey: 'mail' })))
  const done = await Promise.all(ids.map(ended))
  const submittedAt = Math.min(...done.map(({ createdAt }) => createdAt))
  const starts = done.map(({ startedAt }) => (startedAt ?? 0) - submittedAt).sort((a, b) => a - b)
  for (const n of [1, 2]) expect(starts[n]).toBeGreaterThanOrEqual(400 * n)
})

it('[LM5] [LM6] nothing of a paused capacity starts, also when the leader was killed; resume starts it', async () => {
  const refused = await fleet.post('/api/tasks', {
    type: 'command',
    payload: { command: ['true'] },
    capacity: 'api',
  })
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('agentflow limits set capacity api --runs N')
  await cli('limits', 'set', 'capacity', 'api', '--runs', '2')
  const stop = file('stop-api')
  const running = await fleet.submit(untilThere(stop), { capacity: 'api' })
  await until(running, ({ phase }) => phase === 'running')
  expect(await cli('limits', 'pause', 'capacity', 'api')).toMatchObject({ paused: true, running: 1 })
  const mark = file('api-ran')
  const waiting = await fleet.submit(['touch', mark], { capacity: 'api' })
  process.kill(fleet.ready.pids.leader ?? 0, 'SIGKILL')
  await poll('the leader to be back', async () => {
    const shown = await task(running).catch(() => null)
    return shown?.phase === 'running' ? shown : null
  })
  expect((await ended(await fleet.submit(['true']))).status).toBe('completed')
  writeFileSync(stop, '')
  expect((await ended(running)).status).toBe('completed')
  expect([(await task(waiting)).phase, existsSync(mark)]).toEqual(['queued', false])
  expect(await cli('limits', 'list')).toMatchObject({
    limits: [
      { limitId: 'capacity:api', paused: true, running: 0, closed: 'capacity_paused' },
      { limitId: 'key:deploy' },
      { limitId: 'key:mail' },
    ],
  })
  await cli('limits', 'resume', 'capacity', 'api')
  expect([(await ended(waiting)).status, existsSync(mark)]).toEqual(['completed', true])
  expect(await cli('limits', 'delete', 'capacity', 'api')).toEqual({ limitId: 'capacity:api', deleted: true })
})
