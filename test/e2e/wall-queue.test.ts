import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
  browser = await Browser.open()
  wall = await WallPage.byToken(browser, fleet.ready)
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

/** A function that no worker has: its task waits. */
async function waiting(name: string, more: object = {}): Promise<string> {
  const response = await fleet.post('/api/tasks', { type: 'nobody-has-it', name, payload: {}, ...more })
  return ((await response.json()) as Task).taskId
}
const until = (taskId: string, status: Task['status']) =>
  poll(`${taskId} to be ${status}`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.status === status ? task : null
  })

it('the queue says why each task waits, in the order of their turn, and cancels those that are ticked', async () => {
  const low = await waiting('tidy up', { priority: 2 })
  const high = await waiting('answer the customer', { priority: 9 })
  const kept = await waiting('weekly report')
  await wall.page.goto(`${fleet.ready.api}/queue`)
  await wall.byId(`task-${high}`).waitFor()
  await wall.byId(`task-${low}`).waitFor()
  await wall.byId(`task-${kept}`).waitFor()
  const order = await wall.page
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-testid')))
  expect(order).toEqual([high, kept, low].map((id) => `task-${id}`))
  await wall.byId(`task-${high}`).getByText('no master can run it', { exact: true }).waitFor()
  for (const id of [high, low]) await wall.byId(`task-${id}`).locator('input[type=checkbox]').check()
  const bar = wall.page.getByRole('toolbar')
  await bar.getByText('2 selected').waitFor()
  await bar.getByRole('button', { name: 'Cancel', exact: true }).click()
  await Promise.all([until(high, 'cancelled'), until(low, 'cancelled')])
  await wall.byId(`task-${high}`).waitFor({ state: 'detached' })
  expect((await fleet.json<Task>(`/api/tasks/${kept}`)).status).toBe('pending')
})

it('a limit is set, held to, and taken away on the wall; the task that it held back goes', async () => {
  await wall.page.goto(`${fleet.ready.api}/queue?view=limits`)
  await wall.page.getByText('Nothing is limited').waitFor()
  await wall.page.getByRole('button', { name: 'Set a limit' }).click()
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('repo')
  await dialog.getByRole('button', { name: 'Set it' }).click()
  await wall.byId('limit-key:repo').waitFor()
  const first = await fleet.submit(['sleep', '300'], { concurrencyKey: 'repo' })
  await until(first, 'running')
  const second = await fleet.submit(['true'], { concurrencyKey: 'repo' })
  await wall.page.goto(`${fleet.ready.api}/queue`)
  await wall.byId(`task-${second}`).getByText('concurrency limit', { exact: true }).waitFor()
  await wall.page.goto(`${fleet.ready.api}/queue?view=limits`)
  await wall
    .byId('limit-key:repo')
    .getByRole('button', { name: /Take away/ })
    .click()
  await wall.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await wall.byId('limit-key:repo').waitFor({ state: 'detached' })
  await until(second, 'completed')
  await fleet.post(`/api/tasks/${first}/cancel`)
})

it('a schedule is made on the wall, comes back by the clock, and is deleted; a bad time is refused in words', async () => {
  await wall.page.goto(`${fleet.ready.api}/queue?view=schedules`)
  await wall.page.getByText('No schedules').waitFor()
  await wall.page.getByRole('button', { name: 'New schedule' }).click()
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('every-second')
  await dialog.getByLabel('Shell command').fill('echo tick')
  await dialog.getByLabel('When').fill('sometimes')
  await dialog.getByRole('button', { name: 'Create it' }).click()
  await dialog.getByRole('alert').getByText('five fields').waitFor()
  await dialog.getByLabel('When').fill('* * * * * *')
  await dialog.getByRole('button', { name: 'Create it' }).click()
  const row = wall.page.locator('tr', { hasText: 'every-second' })
  await row.waitFor()
  await poll('two tasks of the schedule', async () => {
    const { tasks } = await fleet.json<{ tasks: Task[] }>('/api/tasks?status=completed')
    return tasks.filter(({ name }) => name === 'every-second').length >= 2 ? true : null
  })
  await row.getByRole('link').first().waitFor()
  await row.getByRole('button', { name: 'Delete every-second' }).click()
  await wall.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row.waitFor({ state: 'detached' })
})

it('a trigger is made on the wall, fires by the end of a task, is paused, shows what went wrong, and is deleted', async () => {
  await wall.page.goto(`${fleet.ready.api}/queue?view=triggers`)
  await wall.page.getByText('No triggers').waitFor()
  await wall.page.getByRole('button', { name: 'New trigger' }).click()
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('after-loud')
  await dialog.getByLabel('Shell command').fill('echo after "$1"')
  await dialog.getByLabel('Only if').fill("task.nme == 'loud'")
  await dialog.getByRole('button', { name: 'Create it' }).click()
  await dialog.getByRole('alert').getByText('there is no field "nme"').waitFor()
  await dialog.getByLabel('Only if').fill("task.name == 'loud' || task.result.value.loud")
  await dialog.getByRole('button', { name: 'Create it' }).click()
  const row = wall.page.locator('tr', { hasText: 'after-loud' })
  await row.getByText('0 tasks').waitFor()
  const loud = await fleet.submit(['true'], { name: 'loud' })
  await row.getByText('1 task', { exact: true }).waitFor()
  await row.getByRole('link').click()
  await wall.page.getByText(`after ${loud}`).first().waitFor()
  await wall.page.goto(`${fleet.ready.api}/queue?view=triggers`)
  // The task that it made is the first that its condition cannot be told for.
  await row.getByText('No such key: loud').waitFor()
  await row.getByText('1 failure,').waitFor()
  await row.getByRole('button', { name: 'Pause after-loud' }).click()
  await row.getByText('paused').waitFor()
  await until(await fleet.submit(['true'], { name: 'loud' }), 'completed')
  await row.getByRole('button', { name: 'Resume after-loud' }).click()
  await row.getByText('on', { exact: true }).waitFor()
  await row.getByText('1 task', { exact: true }).waitFor()
  await row.getByRole('button', { name: 'Delete after-loud' }).click()
  await wall.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row.waitFor({ state: 'detached' })
})
