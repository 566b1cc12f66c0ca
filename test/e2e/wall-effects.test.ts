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

const running = (taskId: string, attempt: number): Promise<Task> =>
  poll(`attempt ${attempt}`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.attempt === attempt && task.phase === 'running' && task.pid !== null ? task : null
  })

it('[EF2] [EF7] the task page shows what a run began, what came of it, and what is ambiguous, as it happens', async () => {
  const taskId = await fleet.submit(['sleep', '600'], {
    name: 'pay the bill',
    retry: { attemptsMax: 2, on: ['exit', 'lost'], backoffMs: 1 },
  })
  const note = async (body: object): Promise<void> => {
    const answer = await fleet.post(`/api/tasks/${taskId}/effects`, body)
    expect(answer.status).toBe(200)
  }
  const { pid } = await running(taskId, 1)
  await wall.page.goto(`${fleet.ready.api}/tasks?task=${taskId}`)
  await wall.page.getByRole('heading', { name: 'pay the bill' }).waitFor()
  const effects = wall.page.getByRole('region', { name: 'Side effects' })
  expect(await effects.count()).toBe(0)
  await note({ key: 'charge', state: 'intent' })
  const row = (text: string) => effects.locator('tbody tr').filter({ hasText: text })
  await row('charge').getByText('Begun').waitFor()
  await note({ key: 'letter', state: 'intent' })
  await note({ key: 'letter', state: 'done', value: { id: 'l-7' } })
  await row('letter').getByText('Done').waitFor()
  await row('letter').getByText('{"id":"l-7"}').waitFor()

  process.kill(pid ?? 0, 'SIGKILL')
  await running(taskId, 2)
  await row('charge').getByText('Ambiguous').waitFor()
  await effects.getByText('nobody knows whether it happened').waitFor()
  await note({ key: 'charge', state: 'failed', value: 'the bank has no such charge' })
  await row('no such charge').getByText('Failed').waitFor()
  expect(await effects.locator('tbody tr').count()).toBe(3)
  await effects.getByText('nobody knows whether it happened').waitFor({ state: 'detached' })

  await wall.page.goto(`${fleet.ready.api}/tasks?task=${taskId}&lang=zh`)
  const translated = wall.page.getByRole('region', { name: '副作用' })
  await translated.getByText('不明', { exact: true }).waitFor()
  await translated.getByText('已失败').waitFor()
  expect(browser.complaints).toEqual([])
}, 60_000)
