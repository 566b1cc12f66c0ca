import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AlertDelivery } from '../../src/contract/alert-rules.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

interface Told {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
const told: Told[] = []
/** Fails the first time. */
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    told.push({ headers: request.headers, body })
    response.writeHead(told.length === 1 ? 503 : 204).end()
  })
})

let fleet: Fleet
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  fleet = await Fleet.start(['--masters', '1'], undefined, {
    AGENTFLOW_ALERT_WEBHOOK: `http://127.0.0.1:${port}/alerts?key=abc`,
    AGENTFLOW_ALERT_WEBHOOK_SECRET: 's3cret',
  })
})
afterAll(async () => {
  await fleet.stop()
  receiver.closeAllConnections()
  receiver.close()
})

it('[AL6] [AW1] [AW2] [AW5] a stall is told to a web address that fails first, and again when it is over', async () => {
  const taskId = await fleet.submit(['sleep', '300'], { stallAfterMs: 1_000 })
  const failing = await poll('the first try to fail', async () => {
    const { webhook } = await fleet.json<AlertDelivery>('/api/settings/alert-delivery')
    return webhook?.state === 'failing' ? webhook : null
  })
  expect(failing).toMatchObject({
    host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    signed: true,
    error: 'the receiver answered 503',
    waiting: 1,
  })
  expect(failing.nextTryAt).toBeGreaterThan(failing.failingSince ?? 0)
  await poll('the alert and its second try', async () => (told.length >= 2 ? true : null))
  const delivered = await poll('its delivery', async () => {
    const { webhook } = await fleet.json<AlertDelivery>('/api/settings/alert-delivery')
    return webhook?.state === 'idle' ? webhook : null
  })
  expect(delivered).toMatchObject({ failingSince: null, error: null, givenUp: 0 })
  const [first, second] = told
  expect(first?.headers['x-agentflow-delivery']).toBe(second?.headers['x-agentflow-delivery'])
  expect(JSON.parse(second?.body ?? '')).toMatchObject({
    type: 'ALERT',
    event: 'raised',
    alert: { kind: 'stall', taskId, level: 'warning', state: 'raised' },
  })
  const signed = `${String(second?.headers['x-agentflow-timestamp'])}.${second?.body}`
  const mac = createHmac('sha256', 's3cret').update(signed).digest('hex')
  expect(second?.headers['x-agentflow-signature']).toBe(`sha256=${mac}`)
  await fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)
  await poll('the end of the alert', async () => (told.length >= 3 ? true : null))
  expect(JSON.parse(told[2]?.body ?? '')).toMatchObject({
    event: 'cleared',
    alert: { taskId, state: 'cleared' },
  })
})

it('and its address and secret are not shown', async () => {
  const { stdout } = await fleet.cli([
    'config',
    'leader',
    '--alert-webhook',
    'https://hooks.example/T0KEN',
    '--json',
  ])
  expect(stdout).not.toContain('T0KEN')
  expect(JSON.parse(stdout)).toMatchObject({
    settings: expect.arrayContaining([
      expect.objectContaining({ name: 'alertWebhook', value: '(hidden)', source: 'flag' }),
    ]),
  })
  expect((await fleet.cli(['config', 'leader', '--alert-webhook', 'ftp://x'])).stderr).toContain(
    'give an http(s) address',
  )
})
