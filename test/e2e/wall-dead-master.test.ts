import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alert } from '../../src/contract/alert.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2', '--no-restart'])
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready)
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

const alertsOf = async (kind: Alert['kind']): Promise<readonly Alert[]> => {
  const { alerts } = await fleet.json<{ alerts: readonly Alert[] }>('/api/alerts')
  return alerts.filter((alert) => alert.kind === kind && alert.state === 'raised')
}
const wanted = <T>(what: string, ask: () => Promise<readonly T[]>, count: number) =>
  poll(what, async () => ((await ask()).length === count ? ask() : null), { limitMs: 60_000 })

it('[AL10] [AL12] a master that dies with stalled tasks is one alarm, also for who acknowledges it', async () => {
  const task = { requirements: { workerId: 'master-1' }, onDisconnect: 'wait', stallAfterMs: 1_000 }
  for (const name of ['one', 'two', 'three']) await fleet.submit(['sleep', '300'], { ...task, name })
  const stalls = await wanted('the stalls', () => alertsOf('stall'), 3)
  await wall.go('/alerts')
  await wall.page.getByRole('button', { name: 'Open 3' }).waitFor()

  process.kill(fleet.ready.pids['master-1'] ?? 0, 'SIGKILL')
  const [dead] = await wanted('the alarm', () => alertsOf('offline'), 1)
  const card = wall.byId(`alert-${dead?.alertId}`)
  await card.getByText('Master offline').waitFor()
  await wall.page.getByRole('button', { name: 'Open 1' }).waitFor()
  expect(await wall.page.locator('article').count()).toBe(1)
  await card.getByText('3 more of the same cause').click()
  for (const { alertId } of stalls) await card.getByTestId(`alert-${alertId}`).waitFor()

  await wall.page.keyboard.press('a')
  await wall.page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click()
  await wall.page.getByRole('button', { name: 'Acknowledged 1' }).waitFor()
  await wall.page.getByText('Nothing needs you').waitFor()
  expect(await wall.page.getByRole('link', { name: /^Alerts/ }).textContent()).toBe('Alerts')
})
