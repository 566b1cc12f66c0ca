import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { NumberedUpdate } from '../../ports/node-link.js'
import type { Outbox } from '../../ports/outbox.js'

/**
 * Outbox of a process whose runs end with it: what is un-acked then is known to be lost, and the leader sees that by the
 * next incarnation, which has no backlog. Only counts what is un-acked; the uplink holds the updates themselves.
 */
export class OutboxMemory implements Outbox {
  readonly #bytesMax: number
  readonly #held: { readonly uplinkSeq: number; readonly bytes: number }[] = []
  #heldBytes = 0

  /** Un-acked bytes that it takes. Default limits.outboxBytesMax. */
  constructor(bytesMax: number = limits.outboxBytesMax) {
    this.#bytesMax = bytesMax
  }

  backlog(): readonly NumberedUpdate[] {
    return []
  }

  put({ uplinkSeq, update }: NumberedUpdate): void {
    const bytes = updateBytes + (update.kind === 'ended' ? JSON.stringify(update.end).length : 0)
    if (this.#heldBytes + bytes > this.#bytesMax) {
      throw new ControlError(
        'resource_exhausted',
        `The outbox holds ${this.#heldBytes} un-acked bytes already.`,
      )
    }
    this.#held.push({ uplinkSeq, bytes })
    this.#heldBytes += bytes
  }

  async flush(): Promise<void> {}

  acked(_incarnation: number, uplinkSeq: number): void {
    const firstKept = this.#held.findIndex((one) => one.uplinkSeq > uplinkSeq)
    for (const { bytes } of this.#held.splice(0, firstKept === -1 ? this.#held.length : firstKept)) {
      this.#heldBytes -= bytes
    }
  }

  async close(): Promise<void> {}
}

/** About what an update without a result takes. */
const updateBytes = 256
