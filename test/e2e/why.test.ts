import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Queue, queueSchema } from '../../src/contract/queue.js'
import { type Task, taskSchema } from '../../src/contract/task.js'
import type { Worker } from '../../src/contract/worker.js'
import { Fleet, JsonProcess } from './fleet.js'
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
  const { grpc, joinFile } = fleet.ready
  const folder = join(fleet.folder, 'third')
  const args = ['--id', 'third', '--label', 'zone=c', '--leader', grpc, '--join-file', joinFile]
  const own = ['--allow-root', '--http', '127.0.0.1:0', '--data', folder]
  const start = async (): Promise<JsonProcess> => {
    const master = new JsonProcess(['master', '--json', ...args, ...own])
    await master.line('READY', ({ ready }) => ready === true)
    await poll('the third master', async () => {
      const response = await fleet.call('/api/workers/third')
      return response.ok && ((await response.json()) as Worker).status === 'online' ? true : null
    })
    return master
  }
  const third = await start()
  await fleet.post('/api/workers/third/cordon')
  const taskId = await fleet.submit(['true'], { priority: 9, requirements: { labels: { zone: 'c' } } })
  const wall = await WallPeer.open(fleet.ready, ['tasks'])
  /** Codes that the wall was told, in order. */
  const told = (): string[] =>
    wall.heard.flatMap((message) => {
      const shown = message.task as Task | undefined
      return message.type === 'TASK_UPDATE' && shown?.taskId === taskId
        ? (shown.waitReason?.code ?? 'none')
        : []
    })
  expect((await task(taskId)).waitReason).toMatchObject({
    code: 'cordoned',
    text: 'third has label zone=c but is cordoned: agentflow uncordon third',
    nearest: { workerId: 'third', lacks: ['cordoned'] },
  })
  const queue = queueSchema.parse(await fleet.json('/api/queue'))
  expect(queue.bands.high).toBe(1)
  expect(queue.next[0]).toMatchObject({ taskId, waitReason: { code: 'cordoned' } })
  expect(queue.masters.find(({ workerId }) => workerId === 'third')).toMatchObject({ schedulable: false })

  await third.stop()
  await poll('that it is away', () => (told().at(-1) === 'worker_offline' ? true : null))
  const again = await start()
  await poll('that it is back', () => (told().at(-1) === 'cordoned' ? true : null))
  const listed = JSON.parse((await fleet.cli(['queue', '--json'])).stdout) as Queue
  expect(listed.reasons.map(({ code }) => code)).toContain('cordoned')
  expect((await fleet.cli(['queue'])).stdout).toMatch(/NEXT +PRIORITY +WAITED +WHY +NAME\n/)
  await fleet.cli(['uncordon', 'third'])
  await poll('its end', async () => ((await task(taskId)).status === 'completed' ? true : null))
  wall.close()
  await again.stop()
}, 60_000)
