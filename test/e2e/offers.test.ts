import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { LogEvent } from '../../src/core/event.js'
import { Fleet, JsonProcess } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
let tight: JsonProcess
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
  const { grpc, joinFile } = fleet.ready
  // Before master-1 by its name, so that it is offered everything first; and no machine has so much memory.
  const args = ['--id', 'a-tight', '--memory-floor', '1000TiB', '--leader', grpc, '--join-file', joinFile]
  const folder = join(fleet.folder, 'tight')
  tight = new JsonProcess([
    'master',
    '--json',
    '--allow-root',
    '--http',
    '127.0.0.1:0',
    '--data',
    folder,
    ...args,
  ])
  await tight.line('READY', ({ ready }) => ready === true)
  await poll('the second master', async () => {
    const { workers } = await fleet.json<{ workers: { status: string }[] }>('/api/workers')
    return workers.filter(({ status }) => status === 'online').length === 2 ? true : null
  })
})
afterAll(async () => {
  await tight.stop()
  await fleet.stop()
})

const task = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const until = (taskId: string, is: (shown: Task) => boolean) =>
  poll('the task', async () => {
    const shown = await task(taskId)
    return is(shown) ? shown : null
  })

it('[OF1] [OF4] a master without room declines, and the task runs on another at no cost of an attempt', async () => {
  const events = new JsonProcess(['events', '--follow', '--json'], { AGENTFLOW_DATA: fleet.folder })
  const isDecline = (event: object): boolean => (event as unknown as LogEvent).type === 'RunDeclined'
  const ids = [await fleet.submit(['true'], { retry: { attemptsMax: 1 } })]
  const declined = (await events.line('the decline', isDecline)) as unknown as LogEvent
  expect(declined).toMatchObject({
    entity: { kind: 'task', id: ids[0] },
    body: {
      nodeId: 'a-tight',
      code: 'no_memory',
      text: expect.stringMatching(/^\S+ \S+ of memory are free; /),
    },
    origin: { nodeId: 'a-tight' },
  })
  for (let count = 0; count < 5; count += 1) ids.push(await fleet.submit(['true']))
  const done = await Promise.all(ids.map((id) => until(id, ({ status }) => status === 'completed')))
  expect(done.map(({ workerId, attempt }) => [workerId, attempt])).toEqual(ids.map(() => ['master-1', 1]))
  // Not one a task: the like is not offered for a while.
  expect(events.lines.filter(isDecline)).toHaveLength(1)
  await events.stop()
})

it('[OF2] a task that only this master may run waits for it', async () => {
  const taskId = await fleet.submit(['true'], { requirements: { workerId: 'a-tight' } })
  const shown = await until(taskId, ({ phase }) => phase === 'queued')
  expect(shown).toMatchObject({ status: 'pending', attempt: 1, attempts: [] })
  await fleet.post(`/api/tasks/${taskId}/cancel`)
  expect((await until(taskId, ({ status }) => status === 'cancelled')).attempts).toEqual([])
})
