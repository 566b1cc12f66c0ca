import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { Batch, Work } from '../../src/contract/work.js'
import type { Fleet } from './fleet.js'
import { poll } from './poll.js'
import type { WallPage } from './wall-browser.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let fleet: Fleet
let wall: WallPage
let close: WallFleet['close'] | undefined

beforeAll(async () => {
  ;({ fleet, wall, close } = await openWallFleet())
})
afterAll(() => close?.())

/** So many tasks of a type that no worker has: they wait. More than a list of the wall draws. */
const many = 230
const batchOf = (name: string, more: object = {}) =>
  Array.from({ length: many }, (_, index) => ({
    type: 'nobody-has-it',
    name: `${name} ${index}`,
    payload: {},
    ...more,
  }))
const counted = async (status: Task['status']) =>
  (await fleet.json<{ total: number }>(`/api/tasks?status=${status}&limit=1`)).total
const dialog = () => wall.page.getByRole('dialog')
let batchId: string

it('a batch shows how far it is and what it refused', async () => {
  await wall.go('/queue?view=work')
  await wall.page.getByText('No bulk work').waitFor()
  const sent = await fleet.post('/api/batches', {
    items: [...batchOf('report'), { type: 'nobody-has-it', payload: {}, priority: 99 }],
  })
  batchId = ((await sent.json()) as Batch).batchId
  const row = wall.byId(`work-${batchId}`)
  await row.getByText('Batch of 231 tasks').waitFor()
  await wall.page.locator(`[data-testid="work-${batchId}"][data-state=done]`).waitFor()
  await row.getByText('230 made · 1 refused').waitFor()
  await row.getByText('1 × Not valid').click()
  await row.getByText('item 230').waitFor()
  expect(await row.getByRole('button', { name: /^Stop/ }).count()).toBe(0)
})

it('all that match a filter are cancelled after a question that says how many, listed or not', async () => {
  await fleet.post('/api/batches?wait=20000', { items: batchOf('urgent', { priority: 9 }) })
  await wall.go('/queue?band=high')
  await wall.page.locator('tbody input[type=checkbox]').first().check()
  await wall.page.getByRole('toolbar').getByText('1 selected').waitFor()
  await wall.page.getByRole('button', { name: 'Cancel all that match…' }).click()
  await dialog().getByText('230 tasks match.').waitFor()
  await dialog().getByText('Waiting · priority from 8').waitFor()
  expect(await counted('cancelled')).toBe(0)
  const late = (await (await fleet.post('/api/tasks', batchOf('late', { priority: 9 })[0])).json()) as Task
  await dialog().getByRole('button', { name: 'Cancel 230 tasks' }).click()
  await dialog().getByText('230 acts begun').waitFor()
  await dialog().getByText('done', { exact: true }).waitFor()
  expect(await counted('cancelled')).toBe(230)
  expect((await fleet.json<Task>(`/api/tasks/${late.taskId}`)).status).toBe('pending')
  await dialog().getByRole('link', { name: 'See all bulk work' }).click()
  const rows = wall.page.locator('[data-testid^="work-"]')
  await rows.first().getByText('Cancel all that match').waitFor()
  // Two batches and the act; its count is none.
  expect(await rows.count()).toBe(3)
})

it('by reason and words too: what the list shows is what is reached', async () => {
  await wall.go('/queue?reason=no_capability&q=report%201')
  await wall.page.locator('tbody tr').first().waitFor()
  const listed = await wall.page.locator('tbody tr').count()
  await wall.page.locator('tbody input[type=checkbox]').first().check()
  await wall.page.getByRole('button', { name: 'Cancel all that match…' }).click()
  await dialog().getByText(`${listed} tasks match.`).waitFor()
  await dialog().getByRole('button', { name: 'Leave them' }).click()
  await dialog().waitFor({ state: 'detached' })
  expect(await counted('cancelled')).toBe(230)
})

it('tasks that failed are tried again from the tasks screen; a refusal by one is counted, not an end', async () => {
  const failed = await fleet.submit('exit 3', { name: 'fails', retry: { attemptsMax: 1 } })
  await poll('the failure', async () =>
    (await fleet.json<Task>(`/api/tasks/${failed}`)).status === 'failed' ? true : null,
  )
  await wall.go('/tasks?status=failed')
  await wall.page.getByRole('button', { name: 'Retry all that match…' }).click()
  await dialog().getByRole('button', { name: 'Retry 1 task' }).click()
  await dialog().getByText('1 act begun').waitFor()
  await dialog().getByRole('button', { name: 'Close', exact: true }).last().click()
  await poll('a second attempt', async () =>
    (await fleet.json<Task>(`/api/tasks/${failed}`)).attempts.length === 2 ? true : null,
  )
})

it('a work item that goes on is stopped on the wall', async () => {
  // They go on in turn, so that the last of so many is far from its end when it is stopped.
  const items = Array.from({ length: 9_000 }, () => ({ type: 'nobody-has-it', payload: {}, priority: 1 }))
  await wall.go('/queue?view=work')
  const ids: string[] = []
  for (let batch = 0; batch < 3; batch += 1)
    ids.push(((await (await fleet.post('/api/batches', { items })).json()) as Batch).batchId)
  const last = ids.at(-1) ?? ''
  await wall.byId(`work-${last}`).getByRole('button', { name: 'Stop: Batch of 9000 tasks' }).click()
  await wall.page.locator(`[data-testid="work-${last}"]:not([data-state=running])`).waitFor()
  for (const id of ids) await fleet.post(`/api/work/${id}/cancel`)
  const work = await fleet.json<Work>(`/api/work/${last}`)
  expect(work.state).toBe('cancelled')
  expect(work.seen).toBeLessThan(9_000)
})

it('tasks that the wall does not hold are told of, and reached', async () => {
  // Its first picture has the newest 2,000 that are not over: the reports are older than these.
  const newer = Array.from({ length: 2_100 }, () => ({ type: 'nobody-has-it', payload: {}, priority: 1 }))
  await fleet.post('/api/batches?wait=60000', { items: newer })
  await wall.go('/queue?q=report')
  await wall.page.getByText('No task matches').waitFor()
  await wall.page.getByText('This wall does not hold all tasks').waitFor()
  await wall.page.getByRole('button', { name: 'Cancel all that match…' }).click()
  await dialog().getByText('230 tasks match.').waitFor()
  await dialog().getByRole('button', { name: 'Cancel 230 tasks' }).click()
  await dialog().getByText('230 acts begun').waitFor()
  await dialog().getByRole('button', { name: 'Close', exact: true }).last().click()
})

it('nothing that axe finds, and nothing out of reach at 200 %', async () => {
  for (const theme of ['dark', 'light']) {
    for (const path of ['/queue?view=work', '/queue', '/tasks?status=pending']) {
      await wall.go(`${path}${path.includes('?') ? '&' : '?'}theme=${theme}`)
      if (path === '/queue') {
        await wall.page.locator('tbody input[type=checkbox]').first().check()
        await wall.page.getByRole('button', { name: 'Cancel all that match…' }).click()
        await dialog().getByText('match.').waitFor()
      } else if (path.includes('work')) await wall.byId(`work-${batchId}`).waitFor()
      else await wall.page.getByRole('button', { name: 'Cancel all that match…' }).waitFor()
      expect(await axeFindings(wall), `${path} ${theme}`).toEqual([])
    }
  }
  await wall.page.setViewportSize({ width: 683, height: 384 })
  for (const path of ['/queue?view=work', '/tasks?status=pending']) {
    await wall.go(path)
    const beyond = await wall.page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(beyond).toBeLessThanOrEqual(0)
  }
})
