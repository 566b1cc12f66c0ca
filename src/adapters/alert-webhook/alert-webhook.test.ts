import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import type { Caller } from '../../ports/control-plane.js'
import { createRememberingLog } from '../../testing/remembering-log.js'
import { AlertWebhook } from './alert-webhook.js'

/** A real receiver: answers as it is told, remembers what came. */
class Receiver {
  readonly got: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = []
  /** Statuses of the next answers; then 200. */
  statuses: number[] = []
  server: Server
  readonly #waiting = new Set<() => void>()

  constructor() {
    this.server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => {
        this.got.push({ headers: request.headers, body })
        response.writeHead(this.statuses.shift() ?? 200).end('thanks')
        for (const look of this.#waiting) look()
      })
    })
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
    return (this.server.address() as AddressInfo).port
  }

  async until(count: number): Promise<void> {
    while (this.got.length < count)
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
      })
  }

  get ids(): readonly unknown[] {
    return this.got.map(({ headers }) => headers['x-agentflow-delivery'])
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}

/** A log of events, watched as a leader's is. */
class Journal {
  readonly events: string[] = []
  watches = 0
  firstSeq = 1
  #sinks = new Set<(seq: number, json: string) => void>()

  add(type: string, kind: string, id: string): void {
    this.events.push(JSON.stringify({ seq: this.events.length + 1, type, entity: { kind, id } }))
    for (const sink of [...this.#sinks]) sink(this.events.length, this.events.at(-1) ?? '')
  }

  readonly plane = {
    stats: async () => JSON.stringify({ logId: 'log-1', seq: this.events.length }),
    alerts: async () =>
      JSON.stringify({ alerts: [{ alertId: 'a1', message: 'master-1 is deaf', state: 'raised' }] }),
    watchEvents: async ({ signal }: Caller, afterSeq: number, sink: (seq: number, json: string) => void) => {
      this.watches += 1
      if (afterSeq + 1 < this.firstSeq) throw new Error('not kept')
      for (const [index, json] of this.events.entries()) if (index >= afterSeq) sink(index + 1, json)
      this.#sinks.add(sink)
      if (signal?.aborted !== true)
        await new Promise<void>((resolve) => signal?.addEventListener('abort', resolve))
      this.#sinks.delete(sink)
    },
  }
}

let dir: string
let receiver: Receiver
let journal: Journal
let port: number
let log: ReturnType<typeof createRememberingLog>
const started: AlertWebhook[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agentflow-webhook-'))
  receiver = new Receiver()
  journal = new Journal()
  log = createRememberingLog()
  port = await receiver.listen()
})
afterEach(async () => {
  for (const webhook of started.splice(0)) webhook.stop()
  await receiver.close()
  rmSync(dir, { recursive: true })
})

/** Resolves when it follows the log. */
async function start(secret: string | null = 's3cret'): Promise<AlertWebhook> {
  const { watches } = journal
  const webhook = new AlertWebhook({
    plane: journal.plane,
    url: `http://127.0.0.1:${port}/hook`,
    secret,
    cursorPath: join(dir, 'alert-webhook.json'),
    log,
    retryMs: 5,
  })
  started.push(webhook)
  webhook.start()
  while (journal.watches === watches) await new Promise((resolve) => setImmediate(resolve))
  return webhook
}

describe('the alert webhook', () => {
  it('[AW1] tells of each change of an alert, in order and signed, and of nothing else', async () => {
    journal.add('AlertRaised', 'alert', 'a0')
    await start()
    journal.add('TaskSubmitted', 'task', 't1')
    journal.add('AlertRaised', 'alert', 'a1')
    journal.add('AlertCleared', 'alert', 'a9')
    await receiver.until(2)
    expect(receiver.got.map(({ body }) => JSON.parse(body))).toEqual([
      {
        type: 'ALERT',
        event: 'raised',
        seq: 3,
        alert: { alertId: 'a1', message: 'master-1 is deaf', state: 'raised' },
      },
      { type: 'ALERT', event: 'cleared', seq: 4, alert: { alertId: 'a9' } },
    ])
    for (const { headers, body } of receiver.got) {
      const time = String(headers['x-agentflow-timestamp'])
      const mac = createHmac('sha256', 's3cret').update(`${time}.${body}`).digest('hex')
      expect(headers['x-agentflow-signature']).toBe(`sha256=${mac}`)
      expect(Math.abs(Date.now() - Number(time))).toBeLessThan(60_000)
    }
  })

  it('[AW2] tries again by the same id while the receiver fails or is away, and keeps the order', async () => {
    receiver.statuses = [500, 503, 429]
    await start(null)
    journal.add('AlertRaised', 'alert', 'a1')
    journal.add('AlertRaised', 'alert', 'a2')
    await receiver.until(5)
    expect(receiver.ids).toEqual(['log-1:1', 'log-1:1', 'log-1:1', 'log-1:1', 'log-1:2'])
    expect(receiver.got[0]?.headers).not.toHaveProperty('x-agentflow-signature')
    await receiver.close()
    journal.add('AlertCleared', 'alert', 'a1')
    const back = new Receiver()
    await back.listen(port)
    receiver = back
    await back.until(1)
    expect(back.ids).toEqual(['log-1:3'])
  })

  it('[AW2] gives up what the receiver refuses for good, says so, and goes on', async () => {
    receiver.statuses = [404, 302]
    await start()
    for (const id of ['a1', 'a2', 'a3']) journal.add('AlertRaised', 'alert', id)
    await receiver.until(3)
    expect(receiver.ids).toEqual(['log-1:1', 'log-1:2', 'log-1:3'])
    expect(log.entries.some(({ message }) => message.includes('given up'))).toBe(true)
  })

  it('[AW3] goes on after a restart where it was, and begins with what is new in another log', async () => {
    const first = await start()
    journal.add('AlertRaised', 'alert', 'a1')
    await receiver.until(1)
    receiver.statuses = Array(1_000).fill(500)
    journal.add('AlertRaised', 'alert', 'a2')
    await receiver.until(2)
    first.stop()
    journal.add('AlertRaised', 'alert', 'a3')
    receiver.statuses = []
    const before = receiver.got.length
    await start()
    await receiver.until(before + 2)
    expect(receiver.ids.slice(-2)).toEqual(['log-1:2', 'log-1:3'])
    for (const webhook of started.splice(0)) webhook.stop()
    writeFileSync(join(dir, 'alert-webhook.json'), JSON.stringify({ logId: 'log-0', seq: 0 }))
    await start()
    journal.add('AlertRaised', 'alert', 'a4')
    await receiver.until(before + 3)
    expect(receiver.ids.at(-1)).toBe('log-1:4')
  })

  it('[AW4] holds alertWebhookQueueMax alerts and reads the rest from the log when there is room', async () => {
    receiver.statuses = Array(3).fill(500)
    await start()
    const count = limits.alertWebhookQueueMax + 50
    for (let n = 1; n <= count; n++) journal.add('AlertRaised', 'alert', `a${n}`)
    await receiver.until(count + 3)
    expect(journal.watches).toBeGreaterThan(1)
    expect([...new Set(receiver.ids)]).toEqual(Array.from({ length: count }, (_, n) => `log-1:${n + 1}`))
  })

  it('[AW4] goes on with what is new when the log does not have the rest any more, and says so', async () => {
    for (let n = 0; n < 5; n++) journal.add('TaskSubmitted', 'task', `t${n}`)
    writeFileSync(join(dir, 'alert-webhook.json'), JSON.stringify({ logId: 'log-1', seq: 1 }))
    journal.firstSeq = 4
    await start()
    while (journal.watches < 2) await new Promise((resolve) => setImmediate(resolve))
    journal.add('AlertRaised', 'alert', 'a1')
    await receiver.until(1)
    expect(receiver.ids).toEqual(['log-1:6'])
    expect(log.entries.some(({ message }) => message.includes('does not have them any more'))).toBe(true)
  })
})
