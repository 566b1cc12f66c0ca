import { createHmac } from 'node:crypto'
import { limits } from '../../core/limits.js'

export interface Delivery {
  /** The same at every try: a receiver that has seen it may drop it. */
  readonly deliveryId: string
  readonly body: string
}

/** The receiver may take it another time: it is away, busy, or broken. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain'
}

export interface PostOptions {
  readonly url: string
  /** null = not signed. */
  readonly secret: string | null
  readonly signal: AbortSignal
}

/** Resolves when the receiver has it. Rejects with TryAgain, or with an Error that trying again would not help. */
export async function postAlert(
  { deliveryId, body }: Delivery,
  { url, secret, signal }: PostOptions,
): Promise<void> {
  const timestamp = String(Date.now())
  const response = await fetch(url, {
    method: 'POST',
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(limits.alertWebhookTimeoutMs)]),
    headers: {
      'content-type': 'application/json',
      'x-agentflow-delivery': deliveryId,
      'x-agentflow-timestamp': timestamp,
      ...(secret === null ? {} : { 'x-agentflow-signature': signatureOf(secret, timestamp, body) }),
    },
  }).catch((cause: unknown) => {
    throw new TryAgain('the receiver cannot be reached', { cause })
  })
  await response.body?.cancel()
  if (response.ok) return
  const message = `the receiver answered ${response.status}`
  const isPassing = response.status >= 500 || response.status === 408 || response.status === 429
  throw isPassing ? new TryAgain(message) : new Error(message)
}

/** HMAC-SHA256 over `TIMESTAMP.BODY`, so that an old delivery cannot be given a new time. */
const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
