import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { CancelSignal } from '../ports/control-plane.js'
import type { EncodedEvent, Journal } from '../ports/store.js'
import type { Gate } from './gate.js'

type EventSink = (seq: number, json: string) => void

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
    for (const sink of this.#live) for (const event of events) sink(event.seq, event.json)
  }

  /** Resolves when the signal aborts; rejects when `afterSeq` is outside what is kept. */
  async watch(afterSeq: number, sink: EventSink, signal: CancelSignal | undefined): Promise<void> {
    const firstSeq = await this.#journal.firstSeq()
    if (afterSeq + 1 < firstSeq || afterSeq > this.#gate.committedSeq) throw this.#notKept(firstSeq)
    let cursor = afterSeq
    while (cursor < this.#gate.committedSeq && signal?.aborted !== true) {
      const page = await this.#journal.read(cursor, limits.pageMax)
      // Retention overtook a slow reader.
      if (page[0]?.seq !== cursor + 1) throw this.#notKept(await this.#journal.firstSeq())
      for (const event of page) sink(event.seq, event.json)
      cursor = page.at(-1)?.seq ?? cursor
    }
    // A page may be ahead of the gate: what it had is not told again.
    const readSeq = cursor
    const live: EventSink = (seq, json) => {
      if (seq > readSeq) sink(seq, json)
    }
    this.#live.add(live)
    await new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve()
      else signal?.addEventListener('abort', resolve)
    })
    this.#live.delete(live)
  }

  #notKept(firstSeq: number): ControlError {
    const lastSeq = this.#gate.committedSeq
    const message = `events ${firstSeq} to ${lastSeq} are kept; ask for one of them`
    return new ControlError('unprocessable', message, { details: { firstSeq, lastSeq } })
  }
}
