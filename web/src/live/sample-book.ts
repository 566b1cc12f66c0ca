import { slowRttMs } from './health.js'
import type { Sample } from './protocol.js'

/** Below this share of slowRttMs a slow master counts as fast again, so that none flickers at the border. */
const fastShare = 0.75

/** The newest sample per master that the page has not had yet. Newest `at` wins. */
export class SampleBook {
  readonly #newest = new Map<string, Sample>()
  readonly #changed = new Set<string>()
  readonly #sent = new Set<string>()
  readonly #slow = new Set<string>()
  #slowChanged = false

  /** The first sample of a master: it waits for nothing. */
  get isFirst(): boolean {
    return [...this.#changed].some((workerId) => !this.#sent.has(workerId))
  }

  get dirty(): boolean {
    return this.#changed.size > 0
  }

  clear(): void {
    this.#newest.clear()
    this.#changed.clear()
    this.#sent.clear()
  }

  put(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if ((this.#newest.get(sample.workerId)?.at ?? -1) >= sample.at) continue
      this.#newest.set(sample.workerId, sample)
      this.#changed.add(sample.workerId)
      this.#judge(sample)
    }
  }

  /** Masters whose round trip is long, by id; null when they are the same as at the last call. */
  takeSlow(): readonly string[] | null {
    if (!this.#slowChanged) return null
    this.#slowChanged = false
    return [...this.#slow].sort()
  }

  take(): readonly Sample[] {
    const samples = [...this.#changed].flatMap((workerId) => this.#newest.get(workerId) ?? [])
    for (const workerId of this.#changed) this.#sent.add(workerId)
    this.#changed.clear()
    return samples
  }

  #judge({ workerId, rttMs }: Sample): void {
    if (rttMs === null) return
    const wasSlow = this.#slow.has(workerId)
    const isSlow = rttMs > (wasSlow ? slowRttMs * fastShare : slowRttMs)
    if (isSlow === wasSlow) return
    if (isSlow) this.#slow.add(workerId)
    else this.#slow.delete(workerId)
    this.#slowChanged = true
  }
}
