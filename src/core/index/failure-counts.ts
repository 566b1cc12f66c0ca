import { limits } from '../limits.js'

const { failureBucketMs: bucketMs } = limits

/** How many tasks failed lately, counted in buckets of limits.failureBucketMs, as far back as a rule may look. */
export class FailureCounts {
  /** By the start of the bucket, oldest first but for what is loaded. */
  readonly #buckets = new Map<number, number>()

  add(atMs: number): void {
    const bucket = Math.floor(atMs / bucketMs) * bucketMs
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
  }

  /** Those of the last `forMs`, to a bucket's width. */
  within(nowMs: number, forMs: number): number {
    let count = 0
    for (const [startMs, failures] of this.#buckets) {
      if (startMs + bucketMs <= nowMs - limits.alertRuleForMsMax) this.#buckets.delete(startMs)
      else if (startMs + bucketMs > nowMs - forMs) count += failures
    }
    return count
  }

  /** The clock stepped and no time has passed. */
  shift(byMs: number): void {
    const moved = [...this.#buckets]
    this.#buckets.clear()
    for (const [startMs, failures] of moved) this.#add(startMs + byMs, failures)
  }

  #add(atMs: number, failures: number): void {
    const bucket = Math.floor(atMs / bucketMs) * bucketMs
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + failures)
  }
}
