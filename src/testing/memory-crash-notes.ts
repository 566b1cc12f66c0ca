import type { Origin } from '../core/event.js'
import type { CrashNotes } from '../ports/crash-notes.js'

/** CrashNotes that outlive the leaders of one test: hand it to the next one. */
export class MemoryCrashNotes implements CrashNotes {
  readonly #counts = new Map<string, number>()

  count(origin: Origin): number {
    return this.#counts.get(keyOf(origin)) ?? 0
  }

  note(origin: Origin): void {
    this.#counts.set(keyOf(origin), this.count(origin) + 1)
  }
}

const keyOf = ({ nodeId, incarnation, uplinkSeq }: Origin): string =>
  JSON.stringify([nodeId, incarnation, uplinkSeq])
