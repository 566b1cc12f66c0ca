import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alert } from '../../src/contract/alert.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(() => fleet.stop())

/** A task that does nothing, and the alert about it. */
async function stalled(): Promise<{ readonly taskId: string; readonly alertId: string }> {
  const taskId = await fleet.submit(['sleep', '300'], { stallAfterMs: 1_000 })
  const found = await poll('the alert', async () => {
    const { alerts } = await fleet.json<{ alerts: readonly Alert[] }>('/api/alerts')
    return alerts.find((alert) => alert.taskId === taskId) ?? null
  })
  return { taskId, alertId: found.alertId }
}

const alertOf = (alertId: string): Promise<Alert> => fleet.json<Alert>(`/api/alerts/${alertId}`)
const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

it('[AL2] [AL3] [AL5] an alert is acknowledged, shelved and taken back by REST, tool and command line', async () => {
  const { taskId, alertId } = await stalled()
  const acked = await fleet.post(`/api/alerts/${alertId}/ack`, { reason: 'on it' })
  expect(await acked.json()).toMatchObject({
    state: 'acked',
    priority: 2,
    handling: { by: 'admin', reason: 'on it', until: null },
  })
  const shelve = await fleet.cli(['alert', 'shelve', alertId, '--for', '1h', '--reason', 'planned work'])
  expect(shelve.stdout).toContain(`Alert ${alertId} is shelved`)
  const shelved = await alertOf(alertId)
  expect(shelved).toMatchObject({ state: 'shelved', handling: { reason: 'planned work' } })
  const list = await fleet.cli(['alert', 'list'])
  expect(list.stdout).toMatch(new RegExp(`${alertId} +P2 +shelved +stall +${taskId}`))
  expect((await fleet.cli(['alert', 'show', alertId])).stdout).toContain('Reason    planned work')
  const back = await fleet.post('/rpc/unshelve_alert', { args: { alertId } })
  const { result } = (await back.json()) as { result: Alert }
  expect(result).toMatchObject({ state: 'raised', handling: null })
  expect(result.returnedAt).toBeGreaterThan(shelved.changedAt - 1)

  await fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)
  await poll('its end', async () => ((await alertOf(alertId)).state === 'cleared' ? true : null))
  const late = await fleet.post(`/api/alerts/${alertId}/ack`)
  expect([late.status, await codeOf(late)]).toEqual([409, 'alert_over'])
  expect((await fleet.cli(['alert', 'ack', alertId])).code).toBe(6)
})

it('[AL3] [AL5] what cannot be is refused with a code of the catalogue', async () => {
  const { alertId } = await stalled()
  const refused = async (act: string, body: object) => {
    const response = await fleet.post(`/api/alerts/${alertId}/${act}`, body)
    return [response.status, await codeOf(response)]
  }
  expect(await refused('shelve', { untilMs: Date.now() + 60_000 })).toEqual([400, 'invalid_request'])
  expect(await refused('shelve', { reason: 'x' })).toEqual([400, 'invalid_request'])
  expect(await refused('shelve', { reason: 'x', untilMs: 1 })).toEqual([422, 'unprocessable'])
  const tooFar = { reason: 'x', untilMs: Date.now() + 8 * 24 * 3600_000 }
  expect(await refused('shelve', tooFar)).toEqual([422, 'unprocessable'])
  expect(await refused('ack', { because: 'x' })).toEqual([400, 'invalid_request'])
  const unknown = await fleet.post('/api/alerts/a0/ack', {})
  expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'alert_not_found'])
  expect((await alertOf(alertId)).state).toBe('raised')
})

it('[AL4] a shelved alert returns in time, although the leader was killed meanwhile', async () => {
  const { alertId } = await stalled()
  const untilMs = Date.now() + 6_000
  await fleet.post(`/api/alerts/${alertId}/shelve`, { reason: 'short', untilMs })
  const { leader = 0 } = fleet.ready.pids
  process.kill(leader, 'SIGKILL')
  await fleet.successor('leader', leader)
  const alert = await poll('its return', async () => {
    const found = await alertOf(alertId).catch(() => null)
    return found?.state === 'raised' ? found : null
  })
  expect(alert.returnedAt).toBeGreaterThanOrEqual(untilMs)
})

const putRules = (rules: object): Promise<Response> =>
  fleet.call('/api/settings/alert-rules', {
    method: 'PUT',
    body: JSON.stringify({ rules }),
    headers: { 'content-type': 'application/json' },
  })
const openAlert = (kind: string): Promise<Alert> =>
  poll(`an alert of kind ${kind}`, async () => {
    const { alerts } = await fleet.json<{ alerts: readonly Alert[] }>('/api/alerts')
    return alerts.find((alert) => alert.kind === kind && alert.state === 'raised') ?? null
  })
const isOver = (alertId: string): Promise<true> =>
  poll(`the end of alert ${alertId}`, async () =>
    (await alertOf(alertId)).state === 'cleared' ? true : null,
  )

it('[AL7] [AL8] rules raise alerts on what masters measure, on the queue and on failures, and end them', async () => {
  expect((await putRules({ cpu: { above: 2 } })).status).toBe(400)
  expect((await putRules({ offline: { above: 1 } })).status).toBe(400)
  const changed = await putRules({
    memory: { above: 0.01, forMs: 0 },
    backlog: { above: 0, forMs: 500 },
    failures: { above: 0, forMs: 60_000 },
  })
  expect(await changed.json()).toMatchObject({
    rules: { memory: { on: true, above: 0.01, builtIn: { above: 0.9 } }, cpu: { above: 0.8 } },
  })
  const waiting = await fleet.submit(['true'], { requirements: { labels: { nowhere: 'here' } } })
  await fleet.submit(['false'])
  const [memory, backlog, failures] = await Promise.all([
    openAlert('memory'),
    openAlert('backlog'),
    openAlert('failures'),
  ])
  expect(memory).toMatchObject({ nodeId: 'master-1', taskId: null, level: 'warning', priority: 3 })
  expect(backlog.message).toContain('1 task waits for a master')
  expect(failures).toMatchObject({ nodeId: null, taskId: null, level: 'error', priority: 2 })
  await fleet.post(`/api/tasks/${waiting}/cancel?wait=20000`)
  await isOver(backlog.alertId)

  const off = await fleet.cli(['alert', 'rule', 'failures', '--off'])
  expect(off.stdout).toMatch(/failures +off/)
  expect(await alertOf(failures.alertId)).toMatchObject({ state: 'cleared' })
  const rules = await fleet.cli(['alert', 'rules'])
  expect(rules.stdout).toMatch(/memory +on +1 % +0 s +changed/)
  expect(rules.stderr).toContain('Alerts are told to no web address')
  await putRules({ memory: null, backlog: null, failures: null })
  await isOver(memory.alertId)
  expect((await fleet.cli(['alert', 'rules'])).stdout).not.toContain('changed')
})
