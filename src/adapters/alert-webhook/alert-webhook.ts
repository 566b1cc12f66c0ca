import { ExponentialBackoff, handleType, retry } from 'cockatiel'
import type { Alert } from '../../contract/alert.js'
import type { AlertDelivery } from '../../contract/alert-rules.js'
import type { Stats } from '../../contract/session.js'
import type { LogEvent } from '../../core/event.js'
import { limits } from '../../core/limits.js'
import type { Caller, ControlPlane } from '../../ports/control-plane.js'
import type { Log } from '../../ports/log.js'
import { DeliveryNotes } from './delivery-notes.js'
import { type Delivery, postAlert, TryAgain } from './post-alert.js'
import { type Cursor, WebhookCursor } from './webhook-cursor.js'

export interface AlertWebhookOptions {
  readonly plane: Pick<ControlPlane, 'watchEvents' | 'alerts' | 'stats'>
  readonly url: string
  /** null = deliveries are not signed. */
  readonly secret: string | null
  /** File that says up to where alerts were delivered. */
  readonly cursorPath: string
  readonly log: Log
  /** Before the second try; each further one waits twice as long, up to limits.alertWebhookRetryMsMax. */
  readonly retryMs?: number
}

interface Queued {
  readonly seq: number
  readonly event: string
  readonly alertId: string
}

const system: Caller = {
  principal: { kind: 'system', id: 'system' },
  via: 'system',
  traceId: 'alert-webhook',
}

/**
 * Tells a web address of alerts, in order, each at least once, also over restarts of the leader: the journal is the
 * queue, of which limits.alertWebhookQueueMax are held. It follows the log as any watcher does, so a slow or dead
 * receiver costs the leader nothing.
 */
export class AlertWebhook {
  readonly #options: AlertWebhookOptions
  readonly #cursor: WebhookCursor
  readonly #stopped = new AbortController()
  readonly #queue: Queued[] = []
  #logId = ''
  /** Everything up to here was looked at. */
  #seenSeq = 0
  #savedSeq = 0
  /** Ends the watch, when the queue is full. */
  #watch = new AbortController()
  #waiting: (() => void)[] = []
  readonly #notes = new DeliveryNotes()

  constructor(options: AlertWebhookOptions) {
    this.#options = options
    this.#cursor = new WebhookCursor(options.cursorPath, options.log)
  }

  /** How it goes, for people to see. */
  delivery(): AlertDelivery {
    const { url, secret } = this.#options
    const about = { host: new URL(url).host, signed: secret !== null, waiting: this.#queue.length }
    return { webhook: { ...about, ...this.#notes.view(this.#queue.length) } }
  }

  start(): void {
    this.#run().catch((error: unknown) => {
      if (!this.#stopped.signal.aborted)
        this.#options.log.error('alerts are not delivered any more', { error })
    })
  }

  /** What is not delivered yet is delivered after the next start. */
  stop(): void {
    this.#stopped.abort()
    this.#watch.abort()
    if (this.#queue.length === 0 && this.#seenSeq > 0) this.#save(this.#seenSeq)
    this.#changed()
  }

  async #run(): Promise<void> {
    const { logId, seq } = JSON.parse(await this.#options.plane.stats(system)) as Stats
    const saved = this.#cursor.read()
    this.#logId = logId
    // What was there before the webhook is no news; another log has other alerts.
    this.#seenSeq = saved?.logId === logId ? Math.min(saved.seq, seq) : seq
    this.#save(this.#seenSeq)
    await Promise.all([this.#follow(), this.#deliverAll()])
  }

  /** Watches on from where it was each time there is room again. */
  async #follow(): Promise<void> {
    const { plane, log } = this.#options
    while (!this.#stopped.signal.aborted) {
      this.#watch = new AbortController()
      const caller = { ...system, signal: this.#watch.signal }
      try {
        await plane.watchEvents(caller, this.#seenSeq, (seq, json) => this.#look(seq, json))
      } catch (error) {
        // Retention overtook it: what was lost is lost, what comes is delivered.
        log.error('alerts were not delivered: the log does not have them any more', { error })
        const { seq } = JSON.parse(await plane.stats(system)) as Stats
        this.#seenSeq = seq
      }
      await this.#until(() => this.#queue.length < limits.alertWebhookQueueMax)
    }
  }

  #look(seq: number, json: string): void {
    if (this.#watch.signal.aborted || seq <= this.#seenSeq) return
    this.#seenSeq = seq
    // Nearly every event is of something else; only those that may be an alert's are read.
    if (json.includes('"kind":"alert"')) {
      const { type, entity } = JSON.parse(json) as LogEvent
      if (entity.kind === 'alert') {
        const event = type.replace(/^Alert/, '').toLowerCase()
        this.#queue.push({ seq, event, alertId: entity.id })
        if (this.#queue.length >= limits.alertWebhookQueueMax) this.#watch.abort()
        this.#changed()
      }
    }
    if (this.#queue.length === 0 && seq - this.#savedSeq >= limits.alertWebhookCursorEvents) this.#save(seq)
  }

  async #deliverAll(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#until(() => this.#queue.length > 0)
      const [next] = this.#queue
      if (next === undefined || this.#stopped.signal.aborted) return
      await this.#deliver(next)
      if (this.#stopped.signal.aborted) return
      this.#queue.shift()
      this.#save(next.seq)
      this.#changed()
    }
  }

  async #deliver(queued: Queued): Promise<void> {
    const { url, secret, log, retryMs = limits.alertWebhookRetryMs } = this.#options
    const { signal } = this.#stopped
    const backoff = new ExponentialBackoff({ initialDelay: retryMs, maxDelay: limits.alertWebhookRetryMsMax })
    const policy = retry(handleType(TryAgain), {
      maxAttempts: limits.alertWebhookRetriesMax,
      backoff,
    }).dangerouslyUnref()
    policy.onRetry(({ delay, ...why }) => this.#notes.failed('error' in why ? why.error : null, delay))
    try {
      const delivery = await this.#deliveryOf(queued)
      await policy.execute(() => postAlert(delivery, { url, secret, signal }), signal)
      this.#notes.delivered()
    } catch (error) {
      if (signal.aborted) return
      this.#notes.gaveUp(error)
      log.error('an alert was not delivered and is given up', { ...queued, error })
    }
  }

  async #deliveryOf({ seq, event, alertId }: Queued): Promise<Delivery> {
    const { alerts } = JSON.parse(await this.#options.plane.alerts(system)) as {
      readonly alerts: readonly Alert[]
    }
    // One that was cleared long ago is not kept; its id says which it was.
    const alert = alerts.find((one) => one.alertId === alertId) ?? { alertId }
    return {
      deliveryId: `${this.#logId}:${seq}`,
      body: JSON.stringify({ type: 'ALERT', event, seq, alert }),
    }
  }

  #save(seq: number): void {
    this.#savedSeq = seq
    const cursor: Cursor = { logId: this.#logId, seq }
    this.#cursor.write(cursor)
  }

  /** Looks again at each change, until it holds or this stops. */
  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#stopped.signal.aborted)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #changed(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
