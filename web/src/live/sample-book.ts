import type { Sample } from './protocol.js'

/** The newest sample per master that the page has not had yet. Newest `at` wins. */
export class SampleBook {
  readonly #newest = new Map<string, Sample>()
  readonly #changed = new Set<string>()
  readonly #sent = new Set<string>()

  /** The first sample of a master: it waits for nothing. */
  get isFirst(): boolean {
    return [...this.#changed].some((workerId) => !this.#sent.has(workerId))
  }

  get dirty(): boolean {
    return this.#changed.size > 0
  }

  put(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if ((this.#newest.get(sample.workerId)?.at ?? -1) >= sample.at) continue
      this.#newest.set(sample.workerId, sample)
      this.#changed.add(sample.workerId)
    }
  }

  take(): readonly Sample[] {
    const samples = [...this.#changed].flatMap((workerId) => this.#newest.get(workerId) ?? [])
    for (const workerId of this.#changed) this.#sent.add(workerId)
    this.#changed.clear()
    return samples
  }
}
