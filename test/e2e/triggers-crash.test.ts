import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { Trigger } from '../../src/contract/trigger.js'
import { Seeded } from '../../src/testing/simulator/seeded.js'
import { Fleet } from './fleet.js'
import { faultDelay, poll } from './poll.js'

const kills = 6
const tasksPerKill = 15

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(() => fleet?.stop())

/** Submits until the leader has it: the key makes it one task. */
const submit = (name: string): Promise<string> =>
  poll(`the submit of ${name}`, async () => {
    const body = { type: 'command', name, tags: ['probe'], payload: { command: ['true'] } }
    const response = await fleet.post('/api/tasks', body, { 'idempotency-key': name }).catch(() => null)
    if (response === null || !response.ok) return null
    return ((await response.json()) as Task).taskId
  })
const listed = async (): Promise<readonly Task[]> => {
  const { tasks } = await fleet.json<{ tasks: Task[] }>('/api/tasks?limit=500')
  return tasks
}

it('[TG1] each end of a task makes one task of each trigger, although the leader is killed again and again', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new Seeded(seed)
  const make = (name: string, condition: string) =>
    fleet.post('/api/triggers', {
      name,
      on: 'task_finished',
      condition,
      task: { type: 'command', name: `${name} \${task.name}`, payload: { command: ['true'] } },
    })
  expect((await make('every', "'probe' in task.tags")).status).toBe(201)
  expect((await make('even', "'probe' in task.tags && task.name.endsWith('0')")).status).toBe(201)
  expect((await make('never', "'probe' in task.tags && task.status == 'failed'")).status).toBe(201)
  const names: string[] = []
  let leader = fleet.ready.pids.leader ?? 0
  for (let kill = 0; kill < kills; kill += 1) {
    const wave = Array.from({ length: tasksPerKill }, (_, n) => `probe-${kill}-${n}`)
    names.push(...wave)
    const submits = Promise.all(wave.map(submit))
    await faultDelay(random.between(5, 250))
    process.kill(leader, 'SIGKILL')
    leader = await fleet.successor('leader', leader)
    await submits
  }
  const even = names.filter((name) => name.endsWith('0'))
  const wanted = [...names.map((name) => `every ${name}`), ...even.map((name) => `even ${name}`)].sort()
  const all = await poll(`all tasks to be over (SEED=${seed})`, async () => {
    const tasks = await listed().catch(() => [])
    const isOver = tasks.every(({ completedAt }) => completedAt !== null)
    return isOver && tasks.length >= names.length + wanted.length ? tasks : null
  })
  const made = all.filter(({ origin }) => origin?.trigger !== undefined)
  expect(made.map(({ name }) => name).sort(), `SEED=${seed}`).toEqual(wanted)
  const { triggers } = await fleet.json<{ triggers: Trigger[] }>('/api/triggers')
  const counts = triggers.map(({ name, firedCount, failedCount }) => [name, firedCount, failedCount])
  expect(counts).toEqual([
    ['even', even.length, 0],
    ['every', names.length, 0],
    ['never', 0, 0],
  ])
})
