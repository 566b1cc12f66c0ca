import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.js'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

const until = (taskId: string, phase: Task['phase']): Promise<Task> =>
  poll(`${taskId} to be ${phase}`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.phase === phase ? task : null
  })
const idsOf = (tasks: readonly { taskId: string }[]): string[] => tasks.map(({ taskId }) => taskId)

it('[LT4] [WI16] tasks are listed by phase, tag and project, and dead letters requeued by them', async () => {
  const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 1 }
  const submit = (command: string, project: string, ...tags: string[]) =>
    fleet.submit(command, { project, tags, retry })
  const bad = await submit('exit 3', 'red', 'nightly', 'slow')
  const worse = await submit('exit 4', 'blue', 'nightly')
  const other = await submit('exit 5', 'red')
  const good = await submit('true', 'red', 'nightly')
  await Promise.all([bad, worse, other].map((id) => until(id, 'dead_letter')))
  await until(good, 'succeeded')
  const client = createClient({ url: fleet.ready.api, token: fleet.ready.token })
  const list = async (query: Parameters<typeof client.tasks>[0]): Promise<string[]> => {
    const { tasks, total } = await client.tasks(query)
    expect(total).toBe(tasks.length)
    return idsOf(tasks)
  }
  expect(await list({ tag: 'nightly' })).toEqual([good, worse, bad])
  expect(await list({ tag: 'nightly', project: 'red' })).toEqual([good, bad])
  expect(await list({ phase: 'dead_letter' })).toEqual([other, worse, bad])
  expect(await list({ phase: 'dead_letter', tag: 'slow', status: 'failed' })).toEqual([bad])
  expect(await list({ phase: 'queued', tag: 'nightly' })).toEqual([])
  const cli = await fleet.cli(['task', 'list', '--phase', 'dead_letter', '--tag', 'nightly', '--json'])
  expect(idsOf((JSON.parse(cli.stdout) as { tasks: Task[] }).tasks)).toEqual([worse, bad])
  const named = await fleet.post('/rpc/list_tasks', { args: { tag: 'slow' } })
  expect(await named.json()).toMatchObject({ result: { tasks: [{ taskId: bad }], total: 1 } })
  expect((await fleet.call('/api/tasks?phase=lost_and_found')).status).toBe(400)

  const asked = await fleet.post('/api/tasks/acts?wait=20000', {
    action: 'requeue',
    filter: { tag: 'nightly' },
  })
  expect([asked.status, await asked.json()]).toMatchObject([
    202,
    { action: 'requeue', state: 'done', matched: 2, done: 2, refused: 0 },
  ])
  const attempts = (taskId: string, count: number) =>
    poll(`attempt ${count} of ${taskId}`, async () => {
      const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
      return task.attempts.length === count && task.phase === 'dead_letter' ? true : null
    })
  await Promise.all([attempts(bad, 3), attempts(worse, 3)])
  expect((await fleet.json<Task>(`/api/tasks/${other}`)).attempts).toHaveLength(2)
  const requeue = ['deadletter', 'requeue', '--all', '--tag', 'slow', '--yes', '--json']
  expect(JSON.parse((await fleet.cli(requeue)).stdout)).toMatchObject({ state: 'done', matched: 1, done: 1 })
  await attempts(bad, 4)
}, 60_000)

it('lines over all tasks are listed from a level on and up to a time, page by page to the oldest', async () => {
  const taskId = await fleet.submit(['sh', '-c', 'echo one; echo ERROR two; echo three'])
  await until(taskId, 'succeeded')
  type Page = { lines: { text: string }[]; nextCursor: string | null }
  const page = (query: string) => fleet.json<Page>(`/api/logs?taskId=${taskId}&${query}`)
  const texts = ({ lines }: Page) => lines.map(({ text }) => text)
  expect(texts(await page('levelFrom=warning'))).toEqual(['ERROR two'])
  expect(texts(await page('until=1'))).toEqual([])
  const newest = await page('limit=2')
  const older = await page(`limit=2&until=${Date.now()}&cursor=${newest.nextCursor}`)
  expect([...texts(older), ...texts(newest)]).toEqual(['one', 'ERROR two', 'three'])
  expect([newest.lines.length, older.nextCursor]).toEqual([2, null])
})
