import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Queue, queueSchema } from '../../src/contract/queue.js'
import { type Task, taskSchema } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { WallPeer } from './wall-peer.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
})
afterAll(async () => {
  await fleet.stop()
})

const task = async (taskId: string) => taskSchema.parse(await fleet.json(`/api/tasks/${taskId}`))
const codeOf = async (taskId: string) => (await task(taskId)).waitReason?.code

it('[WY1] a task that nothing fits is taken at once, and says why and which master is nearest', async () => {
  const submitted = await fleet.post('/api/tasks', {
    type: 'command',
    payload: { command: ['true'] },
    requirements: { labels: { zone: 'b' } },
  })
  expect(submitted.status).toBe(201)
  const label = taskSchema.parse(await submitted.json())
  expect(label).toMatchObject({
    status: 'pending',
    phase: 'queued',
    waitReason: {
      code: 'no_label',
      text: 'No master that could run it has the label zone=b; master-1 has no zone.',
      nearest: { workerId: 'master-1', lacks: ['no_label'] },
      until: null,
    },
  })
  const asking = (requirements: object) => fleet.submit(['true'], { requirements })
  expect(await codeOf(await asking({ capabilities: ['cuda'] }))).toBe('no_capability')
  expect(await codeOf(await asking({ gpus: 8 }))).toBe('no_capability')
  expect(await codeOf(await asking({ slots: 500 }))).toBe('no_slot')
  expect(await codeOf(await asking({ memoryBytes: 2 ** 52 }))).toBe('no_memory')

  const { stdout } = await fleet.cli(['task', 'show', label.taskId])
  expect(stdout).toContain('Waits     No master that could run it has the label zone=b')
  expect(stdout).toContain('Nearest   master-1, lacks no_label')
})

it('[WY3] [WY4] a reason that changes reaches the wall by itself; the queue shows it', async () => {
  await fleet.post('/api/workers/master-1/cordon')
  const taskId = await fleet.submit(['true'], { priority: 9, requirements: { workerId: 'master-1' } })
  const wall = await WallPeer.open(fleet.ready, ['tasks'])
  const told = (code: string) =>
    wall.until(code, (message) => {
      const shown = message.task as Task | undefined
      return message.type === 'TASK_UPDATE' && shown?.taskId === taskId && shown.waitReason?.code === code
    })
  expect((await task(taskId)).waitReason).toMatchObject({
    code: 'cordoned',
    text: 'master-1 could run it but is cordoned: agentflow uncordon master-1',
  })
  const queue = queueSchema.parse(await fleet.json('/api/queue'))
  expect(queue.bands.high).toBe(1)
  expect(queue.next[0]).toMatchObject({ taskId, waitReason: { code: 'cordoned' } })
  expect(queue.masters[0]).toMatchObject({ workerId: 'master-1', schedulable: false, waiting: 1 })
  process.kill(fleet.ready.pids['master-1'] ?? 0, 'SIGKILL')
  await told('worker_offline')
  await fleet.successor('master-1', fleet.ready.pids['master-1'] ?? 0)
  await told('cordoned')
  const listed = JSON.parse((await fleet.cli(['queue', '--json'])).stdout) as Queue
  expect(listed.reasons.map(({ code }) => code)).toContain('cordoned')
  expect((await fleet.cli(['queue'])).stdout).toMatch(/NEXT +PRIORITY +WAITED +WHY +NAME\n/)
  await fleet.cli(['uncordon', 'master-1'])
  await poll('its end', async () => ((await task(taskId)).status === 'completed' ? true : null))
  wall.close()
}, 60_000)
