import { randomUUID } from 'node:crypto'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { toTaskSpec } from '../contract/catalogue.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { SubmitItem } from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane, SubmitOutcome } from '../ports/control-plane.js'
import { CountedWriter } from './counted-writer.js'
import { bearer, toStatus } from './grpc-status.js'
import { bodyOf, decodeSubmits, encodeResults, encodeWindow, type SubmitResult } from './submit-codec.js'
import { ordinal } from './wire-checks.js'

export type SubmitCall = ServerDuplexStream<Buffer, Buffer>

/** A message of which items have no result yet. */
interface Open {
  readonly bytes: number
  items: number
}

/**
 * One SubmitTasks call: each item is submitted in order and answered by itself, answers of one commit in one message.
 * [SB1] A result leaves after the commit that it depends on. [SB3] A caller that sends beyond its window, breaks the
 * protocol, reads no results or loses its credential is cut off; what it sent before is submitted all the same.
 */
export class SubmitStream {
  readonly #call: SubmitCall
  readonly #plane: ControlPlane
  readonly #writer: CountedWriter
  readonly #token: string | null
  readonly #traceId = randomUUID()
  /** `ended`: the caller sends no more, and still gets every result. */
  #phase: 'open' | 'ended' | 'over' = 'open'
  #lastNumber = 0
  #openItems = 0
  #openBytes = 0
  #results: SubmitResult[] = []

  constructor(call: SubmitCall, plane: ControlPlane) {
    this.#call = call
    this.#plane = plane
    this.#writer = new CountedWriter(call)
    this.#token = bearer(call.metadata.get('authorization')[0]?.toString() ?? null)
    call.on('data', (bytes: Buffer) => this.#receive(bytes))
    call.on('end', () => this.#callerEnded())
    call.on('cancelled', () => {
      this.#phase = 'over'
    })
    if (this.#caller() === null) return
    this.#writer.write(encodeWindow({ items: limits.submitWindowItems, bytes: limits.submitWindowBytes }))
  }

  /** The leader goes: what is open is answered by the next one. */
  leave(): void {
    this.#cut(new ControlError('unavailable', 'The leader leaves.'))
  }

  /** Asked anew for each message: a token may be withdrawn while its stream is open. */
  #caller(): Caller | null {
    const principal = this.#token === null ? null : this.#plane.authenticate(this.#token)
    if (principal !== null) return { principal, via: 'grpc', traceId: this.#traceId }
    this.#cut(
      new ControlError('not_authenticated', 'This call needs the metadata authorization: Bearer TOKEN.'),
    )
    return null
  }

  #receive(bytes: Buffer): void {
    if (this.#phase !== 'open') return
    const caller = this.#caller()
    if (caller === null) return
    try {
      this.#take(caller, decodeSubmits(bytes), { bytes: bytes.length, items: 0 })
    } catch (thrown) {
      this.#cut(fromUnknown(thrown))
    }
  }

  #take(caller: Caller, items: readonly SubmitItem[], open: Open): void {
    if (items.length === 0) return
    open.items = items.length
    this.#openItems += items.length
    this.#openBytes += open.bytes
    if (this.#openItems > limits.submitWindowItems || this.#openBytes > limits.submitWindowBytes) {
      const sentence = `more than ${limits.submitWindowItems} items or ${limits.submitWindowBytes} bytes are without a result; wait for results before sending more`
      throw new ControlError('resource_exhausted', sentence)
    }
    for (const item of items) {
      const number = ordinal(item.number, 'item.number')
      if (number <= this.#lastNumber)
        throw new ControlError('invalid_request', `item ${number} follows ${this.#lastNumber}: numbers rise`)
      this.#lastNumber = number
      this.#submit(caller, item, (outcome) => this.#answer(number, outcome, open))
    }
  }

  /** [SB2] What cannot be taken is that item's result, and nobody else's. */
  #submit(caller: Caller, item: SubmitItem, done: (outcome: SubmitOutcome) => void): void {
    try {
      const { body, key } = bodyOf(item)
      this.#plane.submit(caller, toTaskSpec(body, key), done)
    } catch (thrown) {
      done({ ok: false, error: fromUnknown(thrown) })
    }
  }

  #answer(number: number, outcome: SubmitOutcome, open: Open): void {
    this.#openItems -= 1
    open.items -= 1
    if (open.items === 0) this.#openBytes -= open.bytes
    if (this.#phase === 'over') return
    this.#results.push({ number, outcome })
    // A commit answers many at once: they go together when the last of them was told.
    if (this.#results.length === 1) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const results = this.#results
    this.#results = []
    if (this.#phase === 'over') return
    this.#writer.write(encodeResults(results))
    if (this.#writer.bufferedBytes > limits.submitResultsBytesMax)
      this.#cut(new ControlError('resource_exhausted', 'the results are not read'))
    else this.#endIfDone()
  }

  #callerEnded(): void {
    if (this.#phase === 'open') this.#phase = 'ended'
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#phase !== 'ended' || this.#openItems > 0 || this.#results.length > 0) return
    this.#phase = 'over'
    this.#call.end()
  }

  #cut(error: ControlError): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#call.emit('error', toStatus(error))
    const timer = setTimeout(() => this.#call.destroy(), limits.linkCloseGraceMs)
    timer.unref()
    this.#call.once('finish', () => clearTimeout(timer))
  }
}
