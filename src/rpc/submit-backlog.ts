import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { SubmitOutcome } from '../ports/control-plane.js'
import type { Submit, SubmitResult, SubmitWindow } from './submit-codec.js'

/** A task that waits for its result. */
export interface Waiting {
  readonly taskJson: string
  readonly idempotencyKey: string
  /** Monotonic ms. */
  readonly dueMs: number
  readonly settle: (outcome: SubmitOutcome) => void
  /** Nobody waits any more: it was settled, or given up. */
  isOver: boolean
}

/** A message that was sent; its room comes back with the last of its results. */
interface Message {
  readonly bytes: number
  left: number
}

interface Sent {
  readonly waiting: Waiting
  readonly message: Message
}

/**
 * Tasks on their way to a leader, in the order in which they came. A cut puts what has no result back in front, to be sent
 * again under the same keys. Bounded by limits.submitterTasksMax and submitterBytesMax.
 * Invariant: what is sent and has no result keeps within the leader's window.
 */
export class SubmitBacklog {
  #unsent: Waiting[] = []
  #head = 0
  readonly #sent = new Map<number, Sent>()
  /** null without a stream that said its window. */
  #window: SubmitWindow | null = null
  #sentBytes = 0
  #heldBytes = 0
  #nextNumber = 1

  /** Without a result. */
  get size(): number {
    return this.#unsent.length - this.#head + this.#sent.size
  }

  /** Null when it is taken, else why not. */
  push(waiting: Waiting): ControlError | null {
    const bytes = sizeOf(waiting)
    if (this.size >= limits.submitterTasksMax || this.#heldBytes + bytes > limits.submitterBytesMax) {
      return new ControlError(
        'resource_exhausted',
        `${this.size} tasks wait for the leader already; wait for some before submitting more`,
      )
    }
    this.#heldBytes += bytes
    this.#unsent.push(waiting)
    return null
  }

  opened(window: SubmitWindow): void {
    this.#window = window
  }

  /** Nothing is known of what was sent: it is sent again, first. */
  cut(): void {
    const again: Waiting[] = []
    for (const { waiting } of this.#sent.values()) {
      if (waiting.isOver) this.#heldBytes -= sizeOf(waiting)
      else again.push(waiting)
    }
    this.#unsent = [...again, ...this.#unsent.slice(this.#head)]
    this.#head = 0
    this.#sent.clear()
    this.#window = null
    this.#sentBytes = 0
    this.#nextNumber = 1
  }

  /** The next message, as much as the window and one message take; null when nothing may go. `encode` gives its bytes. */
  next(encode: (submits: readonly Submit[]) => Uint8Array): Uint8Array | null {
    const window = this.#window
    if (window === null) return null
    const itemsMax = Math.min(limits.submitBatchItemsMax, window.items - this.#sent.size)
    const bytesMax = Math.min(limits.submitBatchBytesMax, window.bytes - this.#sentBytes)
    const taken: Waiting[] = []
    let bytes = 0
    while (taken.length < itemsMax) {
      const waiting = this.#unsent[this.#head]
      if (waiting === undefined) break
      if (!waiting.isOver) {
        bytes += sizeOf(waiting)
        if (bytes > bytesMax) break
        taken.push(waiting)
      } else this.#heldBytes -= sizeOf(waiting)
      this.#head += 1
    }
    this.#cutFront()
    return taken.length === 0 ? null : this.#send(taken, encode)
  }

  /** False: the leader answers what it was not asked. */
  answered({ number, outcome }: SubmitResult): boolean {
    const sent = this.#sent.get(number)
    if (sent === undefined) return false
    const { waiting, message } = sent
    this.#sent.delete(number)
    message.left -= 1
    if (message.left === 0) this.#sentBytes -= message.bytes
    this.#heldBytes -= sizeOf(waiting)
    settle(waiting, outcome)
    return true
  }

  /** Nobody will take what waits. */
  refuse(error: ControlError): void {
    for (const { waiting } of this.#sent.values()) settle(waiting, { ok: false, error })
    for (const waiting of this.#unsent.slice(this.#head)) settle(waiting, { ok: false, error })
  }

  /** Ends the wait of those that are due by `nowMs` (all: Infinity). What was sent may have been done. */
  expire(nowMs: number, why: string): void {
    const errorOf = (wasSent: boolean, { idempotencyKey }: Waiting): ControlError =>
      new ControlError(
        wasSent ? 'outcome_unknown' : 'unavailable',
        wasSent ? `${why}; submit it again with its idempotency key, and it is the same task` : why,
        { details: { idempotencyKey } },
      )
    // Its number stays taken, and its room: a late result frees both.
    for (const { waiting } of this.#sent.values()) {
      if (waiting.dueMs <= nowMs) settle(waiting, { ok: false, error: errorOf(true, waiting) })
    }
    for (const waiting of this.#unsent.slice(this.#head)) {
      if (waiting.dueMs <= nowMs) settle(waiting, { ok: false, error: errorOf(false, waiting) })
    }
  }

  #send(taken: readonly Waiting[], encode: (submits: readonly Submit[]) => Uint8Array): Uint8Array {
    const first = this.#nextNumber
    this.#nextNumber += taken.length
    const bytes = encode(
      taken.map(({ taskJson, idempotencyKey }, index) => ({
        number: first + index,
        taskJson,
        idempotencyKey,
      })),
    )
    const message = { bytes: bytes.length, left: taken.length }
    this.#sentBytes += bytes.length
    for (const [index, waiting] of taken.entries()) this.#sent.set(first + index, { waiting, message })
    return bytes
  }

  #cutFront(): void {
    if (this.#head < this.#unsent.length && this.#head < 1_024) return
    this.#unsent = this.#unsent.slice(this.#head)
    this.#head = 0
  }
}

function settle(waiting: Waiting, outcome: SubmitOutcome): void {
  if (waiting.isOver) return
  waiting.isOver = true
  waiting.settle(outcome)
}

/** About its size on the wire; UTF-8 takes at most three bytes a character. */
const sizeOf = ({ taskJson, idempotencyKey }: Waiting): number =>
  32 + 3 * (taskJson.length + idempotencyKey.length)
