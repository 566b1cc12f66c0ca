import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import { limits } from '../../src/core/limits.js'
import { Fleet } from './fleet.js'
import { faultDelay, poll } from './poll.js'

/** How long the first master stands still: longer than the strict class waits, shorter than a cut stream takes. */
const stoppedMs = 12_000

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
})
afterAll(async () => {
  await fleet.stop()
})

const task = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const running = (taskId: string) =>
  poll('the run', async () => {
    const shown = await task(taskId)
    return shown.phase === 'running' ? shown : null
  })

it('[LS3] [LS4] a strict run of a master that stands still is started elsewhere when its lease is over, not before', async () => {
  const [lock, file] = [join(fleet.folder, 'lock'), join(fleet.folder, 'runs.txt')]
  // The second attempt stays until it was looked at.
  const seen = join(fleet.folder, 'seen')
  const script = `echo "$AGENTFLOW_ATTEMPT asked $(date +%s%3N)" >> '${file}'
    flock -w 60 9 || exit 9
    echo "$AGENTFLOW_ATTEMPT has it $(date +%s%3N)" >> '${file}'
    [ "$AGENTFLOW_ATTEMPT" = 2 ] || exec sleep 100
    until [ -e '${seen}' ]; do sleep 0.05; done`
  const taskId = await fleet.submit(`exec 9> '${lock}'; ${script}`, { leaseClass: 'strict' })
  const first = await running(taskId)
  const masterPid = fleet.ready.pids[first.workerId ?? ''] ?? 0
  await poll('the lock', () => (linesOf(file).length === 2 ? true : null))

  process.kill(masterPid, 'SIGSTOP')
  try {
    const stoppedAtMs = Date.now()
    const { leaseUntil } = await task(taskId)
    const second = await poll('the next attempt', async () => {
      const shown = await task(taskId)
      return shown.attempt === 2 && shown.phase === 'running' ? shown : null
    })
    expect(second.workerId).not.toBe(first.workerId)
    expect(second.fence ?? 0).toBeGreaterThan(first.fence ?? 0)
    // The last renewal came at most one interval before it was stopped.
    const { leaseStrictRedispatchMs, leaseStrictRenewMs } = limits
    const lost = second.attempts[0]
    expect(lost).toMatchObject({ attempt: 1, fence: first.fence, outcome: 'lost' })
    expect(lost?.endedAt).toBeGreaterThanOrEqual((leaseUntil ?? 0) - 50)
    expect(lost?.endedAt).toBeGreaterThan(stoppedAtMs + leaseStrictRedispatchMs - leaseStrictRenewMs - 500)
    expect(await poll('what it says', () => linesOf(file)[2] ?? null)).toMatch(/^2 asked /)
    writeFileSync(seen, '')
    await faultDelay(Math.max(0, stoppedAtMs + stoppedMs - Date.now()))
  } finally {
    process.kill(masterPid, 'SIGCONT')
  }

  const done = await poll('the end', async () => {
    const shown = await task(taskId)
    return shown.status === 'completed' ? shown : null
  })
  expect(done).toMatchObject({ attempt: 2, phase: 'succeeded', error: null })
  expect(done.attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, 'lost'],
    [2, 'succeeded'],
  ])
  await poll('the master to be back', async () => {
    const { status } = await fleet.json<{ status: string }>(`/api/workers/${first.workerId}`)
    return status === 'online' ? true : null
  })
  expect(await task(taskId)).toEqual(done)
}, 90_000)

it('[LS3] a steady run is not touched by a short stop of its master', async () => {
  const taskId = await fleet.submit(['sleep', '20'], { leaseClass: 'steady' })
  const first = await running(taskId)
  const masterPid = fleet.ready.pids[first.workerId ?? ''] ?? 0
  process.kill(masterPid, 'SIGSTOP')
  await faultDelay(10_000)
  process.kill(masterPid, 'SIGCONT')
  const done = await poll('the end', async () => {
    const shown = await task(taskId)
    return shown.status === 'completed' ? shown : null
  })
  expect(done).toMatchObject({ attempt: 1, fence: first.fence })
}, 60_000)
