import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alert } from '../../src/contract/alert.js'
import { Fleet, freePort } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage
let host: string

beforeAll(async () => {
  // Nobody listens there, so that deliveries fail.
  host = `127.0.0.1:${await freePort()}`
  fleet = await Fleet.start(['--masters', '2'], undefined, {
    AGENTFLOW_ALERT_WEBHOOK: `http://${host}/hook?key=abc`,
  })
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready)
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

/** A task that does nothing, and the alert about it. */
async function stalled(name: string): Promise<Alert> {
  const taskId = await fleet.submit(['sleep', '300'], { stallAfterMs: 1_000, name })
  return poll('the alert', async () => {
    const { alerts } = await fleet.json<{ alerts: readonly Alert[] }>('/api/alerts')
    return alerts.find((alert) => alert.taskId === taskId) ?? null
  })
}
const alertOf = (alertId: string): Promise<Alert> => fleet.json<Alert>(`/api/alerts/${alertId}`)
const view = (name: string) => wall.page.getByRole('button', { name })
const inState = (alertId: string, state: string) =>
  wall.page.locator(`[data-testid="alert-${alertId}"][data-state="${state}"]`)
const badge = () => wall.page.getByRole('link', { name: /^Alerts/ }).textContent()

it('[AL12] [AL13] alerts are acknowledged and shelved by key, and taken back by button', async () => {
  const first = await stalled('first build')
  const second = await stalled('second build')
  await wall.go('/alerts')
  await inState(second.alertId, 'raised').waitFor()
  await view('Open 2').waitFor()
  expect(await badge()).toContain('2')

  await wall.page.keyboard.press('j')
  expect(await wall.focused()).toBe(`alert-${first.alertId}`)
  await wall.page.keyboard.press('a')
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('Reason').waitFor()
  await wall.page.keyboard.type('asked its owner')
  expect(await axeFindings(wall)).toEqual([])
  await wall.page.keyboard.press('Enter')
  await view('Acknowledged 1').waitFor()
  expect(await alertOf(first.alertId)).toMatchObject({
    state: 'acked',
    handling: { by: 'admin', reason: 'asked its owner', until: null },
  })
  expect(await badge()).toContain('1')

  await wall.page.keyboard.press('j')
  expect(await wall.focused()).toBe(`alert-${second.alertId}`)
  await wall.page.keyboard.press('s')
  await dialog.getByLabel('Reason').fill('planned work')
  await dialog.getByRole('button', { name: 'In 8h' }).click()
  await dialog.getByRole('button', { name: 'Shelve' }).click()
  await view('Shelved 1').waitFor()
  await wall.page.getByText('Nothing needs you').waitFor()
  expect(await badge()).toBe('Alerts')
  const { handling, changedAt } = await alertOf(second.alertId)
  const awayMs = (handling?.until ?? 0) - changedAt
  expect(Math.abs(awayMs - 8 * 3600_000)).toBeLessThan(60_000)

  await view('Shelved 1').click()
  const shelved = inState(second.alertId, 'shelved')
  await shelved.getByText('Shelved by admin').waitFor()
  await shelved.getByText('planned work').waitFor()
  expect(await axeFindings(wall)).toEqual([])
  await wall.byId(`unshelve-${second.alertId}`).click()
  await view('Open 1').click()
  await inState(second.alertId, 'raised').getByText('back again').waitFor()
})

it('[AL13] what nobody may shelve is told by the dialog, and changes nothing', async () => {
  await wall.go('/alerts?view=acked')
  const [acked] = (await fleet.json<{ alerts: readonly Alert[] }>('/api/alerts')).alerts.filter(
    ({ state }) => state === 'acked',
  )
  const alertId = acked?.alertId ?? ''
  await wall.byId(`shelve-${alertId}`).click()
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('late')
  await fleet.post(`/api/tasks/${acked?.taskId}/cancel?wait=20000`)
  await poll('its end', async () => ((await alertOf(alertId)).state === 'cleared' ? true : null))
  await dialog.getByRole('button', { name: 'Shelve' }).click()
  await dialog.getByRole('alert').getByText('The alert is over').waitFor()
  await wall.page.keyboard.press('Escape')
  await wall.page.getByText('Nobody is on any').waitFor()
})

it('[AL12] the big screen has a card with age, place and owner, which leads to its alert', async () => {
  const alert = await stalled('third build')
  await fleet.post(`/api/alerts/${alert.alertId}/ack`)
  await wall.go('/overview?wall=1')
  const card = wall.byId(`alert-${alert.alertId}`)
  await card.getByText(/Stalled · master-\d · admin is on it/).waitFor()
  await card.getByRole('link', { name: 'third build' }).click()
  await inState(alert.alertId, 'acked').waitFor()
})

it('[AL11] a flood is one card on the big screen, and is named above the list', async () => {
  const names = Array.from({ length: 11 }, (_, index) => `of the flood ${index}`)
  await Promise.all(names.map(stalled))
  await wall.go('/overview?wall=1')
  const flood = wall.byId('alert-flood')
  await flood.getByText(/^1[12] alerts within \d+/).waitFor()
  expect(await wall.page.locator('[data-testid^="alert-"][data-testid$="flood"]').count()).toBe(1)
  const attention = wall.page.getByRole('region', { name: 'Needs attention' })
  await attention.getByTestId('alert-flood').waitFor()
  expect(await attention.getByText('of the flood 3').count()).toBe(0)
  await flood.getByRole('link').click()
  await wall.page.getByRole('status').getByText('Look for one cause first.').waitFor()
  await wall.page.getByText('of the flood 3').first().waitFor()
})

it('[AL7] [AW5] rules are changed, switched off and reset on the wall, which says how delivery goes', async () => {
  await wall.go('/alerts')
  await wall.page.getByRole('link', { name: 'Rules and delivery' }).click()
  const cpu = wall.byId('rule-cpu')
  const percent = cpu.getByLabel('CPU busy: more than (%)')
  await percent.fill('95')
  await cpu.getByRole('button', { name: 'Set' }).click()
  await cpu.getByRole('button', { name: 'As built in' }).waitFor()
  const ruleOf = async (kind: string) =>
    (await fleet.json<{ rules: Record<string, object> }>('/api/settings/alert-rules')).rules[kind]
  expect(await ruleOf('cpu')).toMatchObject({ on: true, above: 0.95, forMs: 300_000 })
  await cpu.getByRole('button', { name: 'As built in' }).click()
  await cpu.getByRole('button', { name: 'As built in' }).waitFor({ state: 'detached' })
  expect(await ruleOf('cpu')).toMatchObject({ above: 0.8 })
  const failures = wall.byId('rule-failures').getByRole('checkbox')
  await failures.click()
  await poll('the rule to be off', async () =>
    JSON.stringify(await ruleOf('failures')).includes('"on":false') ? true : null,
  )

  const delivery = wall.page.locator('[data-testid=delivery][data-state=failing]')
  await delivery.getByText(`${host}, not signed`).waitFor()
  await delivery.getByText('the receiver cannot be reached').waitFor()
  expect(await wall.page.locator('main').textContent()).not.toContain('key=abc')
  expect(await axeFindings(wall)).toEqual([])
})

it('[CH1] [CH2] the history shows who changed which setting, from what to what, and narrows by kind', async () => {
  await wall.go('/history')
  await wall.page.getByRole('button', { name: 'Configuration' }).click()
  const rows = wall.page.getByRole('row')
  await rows.nth(3).waitFor()
  const text = (await rows.allTextContents()).join('\n')
  expect(text).toMatch(/failures.*Alert rule.*changed.*on.*true.*false/)
  expect(text).toMatch(/cpu.*as built in/)
  expect(text).toContain('admin, by rest')
  expect(await axeFindings(wall)).toEqual([])
  await wall.page.getByLabel('Kind').selectOption('limit')
  await wall.page.getByText('No change matches').waitFor()
  await wall.go('/history?view=config&lang=zh')
  await wall.page
    .getByRole('cell', { name: /告警规则/ })
    .first()
    .waitFor()
  // The refusal of above stands in the browser's console.
  expect(browser.complaints.filter((one) => !one.includes('409'))).toEqual([])
})
