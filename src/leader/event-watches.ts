import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { CancelSignal } from '../ports/control-plane.js'
import type { EncodedEvent, Journal } from '../ports/store.js'
import type { Gate } from './gate.js'

type EventSink = (seq: number, bytes: Uint8Array) => void

/** Watches of the log itself: first what the journal has after the cursor, then each commit, without a hole. */
export class EventWatches {
  readonly #journal: Journal
  readonly #gate: Gate
  readonly #live = new Set<EventSink>()

  constructor(options: { journal: Journal; gate: Gate }) {
    this.#journal = options.journal
    this.#gate = options.gate
  }

  /** A group is committed. */
  committed(events: readonly EncodedEvent[]): void {
    for (const sink of this.#live) for (const event of events) sink(event.seq, event.bytes)
  }

  /** Resolves when the signal aborts; rejects when `afterSeq` is outside what is kept. */
  async watch(afterSeq: number, sink: EventSink, signal: CancelSignal | undefined): Promise<void> {
    const firstSeq = await this.#journal.firstSeq()
    if (afterSeq + 1 < firstSeq || afterSeq > this.#gate.committedSeq) {
      throw new ControlError(
        'unprocessable',
        `events ${firstSeq} to ${this.#gate.committedSeq} are kept; ask for one of them`,
        {
          details: { firstSeq, lastSeq: this.#gate.committedSeq },
        },
      )
    }
    let cursor = afterSeq
    while (cursor < this.#gate.committedSeq && signal?.aborted !== true) {
      const page = await this.#journal.read(cursor, limits.pageMax)
      for (const event of page) sink(event.seq, event.bytes)
      cursor = page.at(-1)?.seq ?? this.#gate.committedSeq
    }
    this.#live.add(sink)
    await new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve()
      else signal?.addEventListener('abort', resolve)
    })
    this.#live.delete(sink)
  }
}
