import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTick } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createClient } from '../../src/client/index.js'
import type { Task } from '../../src/contract/task.js'
import { ControlError } from '../../src/core/errors.js'
import { Seeded } from '../../src/testing/simulator/seeded.js'
import { Fleet } from './fleet.js'
import { faultDelay, poll } from './poll.js'

const tasks = 200
const kills = 24
const seed = Number(process.env.SEED ?? 1)
/** Every so many kills the wall is waited for, so that it resumes from the middle of the work. */
const killsPerResume = 3
/** `up` starts another leader within 1 s; this test may notice later. */
const restartMsMax = 2_000

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

/** Submits one task whose program appends its id to the file. Resolves with the id, or null when nobody answered. */
async function submit(client: ReturnType<typeof createClient>, file: string, key: string) {
  try {
    const { task, created } = await client.submit(
      {
        type: 'command',
        name: key,
        payload: { command: `echo "$AGENTFLOW_TASK_ID" >> '${file}'` },
        stallAfterMs: 0,
      },
      { idempotencyKey: key },
    )
    return { taskId: task.taskId, created }
  } catch (thrown) {
    if (thrown instanceof ControlError && ['unavailable', 'outcome_unknown'].includes(thrown.code))
      return null
    throw thrown
  }
}

/** Waits until the log has grown: the commit is done, its answer not yet on its way. At most 30 ms. */
function untilCommit(wal: string, before: bigint): void {
  const untilMs = performance.now() + 30
  while (performance.now() < untilMs) if (changedAt(wal) !== before) return
}

const changedAt = (wal: string): bigint =>
  statSync(wal, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)

it(`[ID3] loses no acked task and runs none twice over ${kills} kills of the leader (SEED=${seed})`, async () => {
  const random = new Seeded(seed)
  const { api, token, dataDir, pids } = fleet.ready
  const client = createClient({ url: api, token, webSocket: WebSocket as never })
  const file = join(fleet.folder, 'ids.txt')
  const wal = join(dataDir, 'journal.db-wal')

  const shown = new Map<string, Task>()
  const states: string[] = []
  const wall = client.live({
    topics: ['tasks'],
    onMessage: (message) => {
      if (message.type === 'TASK_UPDATE') shown.set(message.task.taskId, message.task)
      if (message.type === 'SNAPSHOT')
        for (const task of message.items as Task[]) shown.set(task.taskId, task)
    },
    onState: ({ phase }) => states.push(phase),
  })

  const acked = new Map<string, string>()
  const unacked: string[] = []
  let leaderPid = pids.leader ?? 0
  for (let kill = 0; kill < kills; kill += 1) {
    const from = Math.floor((tasks * kill) / kills)
    const to = Math.floor((tasks * (kill + 1)) / kills)
    const before = changedAt(wal)
    const calls = Array.from({ length: to - from }, async (_, index) => {
      const key = `k${from + index}`
      const answer = await submit(client, file, key)
      if (answer === null) unacked.push(key)
      else acked.set(key, answer.taskId)
    })
    await nextTick()
    await nextTick()
    if (random.chance(0.5)) untilCommit(wal, before)
    else await faultDelay(random.between(0, 12))
    process.kill(leaderPid, 'SIGKILL')
    await Promise.all(calls)
    const killedPid = leaderPid
    const endedMs = performance.now()
    leaderPid = await fleet.successor('leader', killedPid)
    expect(performance.now() - endedMs).toBeLessThan(restartMsMax)
    await poll(
      'the leader',
      () =>
        client.ready().then(
          ({ ready }) => ready || null,
          () => null,
        ),
      { everyMs: 20 },
    )
    if (kill % killsPerResume === 0)
      await poll('the wall to be back', () => (wall.state.phase === 'live' ? true : null))
  }

  const unfinished = async () => {
    const { tasks: counts } = await client.stats()
    return counts.pending + counts.running
  }
  await poll('the tasks', async () => ((await unfinished()) === 0 ? true : null))
  const ran = linesOf(file)
  const times = new Map<string, number>()
  for (const taskId of ran) times.set(taskId, (times.get(taskId) ?? 0) + 1)
  for (const [key, taskId] of acked) expect([key, times.get(taskId)]).toEqual([key, 1])
  for (const [taskId, count] of times) expect([taskId, count]).toEqual([taskId, 1])
  expect(acked.size + unacked.length).toBe(tasks)
  expect(acked.size).toBeGreaterThan(0)

  for (let number = 0; number < tasks; number += 1) {
    const key = `k${number}`
    const again = await submit(client, file, key)
    const known = acked.get(key)
    if (known !== undefined) expect([key, again]).toEqual([key, { taskId: known, created: false }])
    else expect(again?.created).toBe(!times.has(again?.taskId ?? ''))
  }
  await poll('the rest', async () => ((await unfinished()) === 0 ? true : null))
  const ids = linesOf(file)
  expect(ids).toHaveLength(tasks)
  expect(new Set(ids).size).toBe(tasks)

  await poll('the wall', () => (ids.every((id) => shown.get(id)?.status === 'completed') ? true : null))
  expect(states.filter((state) => state === 'live').length).toBeGreaterThan(kills / killsPerResume)
  wall.close()
}, 180_000)
