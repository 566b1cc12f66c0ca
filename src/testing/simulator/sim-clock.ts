import type { Clock, Timer } from '../../ports/clock.js'

interface Entry {
  readonly atMs: number
  /** Ties fire in the order in which they were asked for. */
  readonly order: number
  readonly fn: () => void
  cancelled: boolean
}

/**
 * Virtual time: nothing happens until it is advanced. One clock drives every process of a simulation; each sees it
 * through `view`, with a wall time of its own.
 */
export class SimClock implements Clock {
  readonly #heap: Entry[] = []
  readonly #startMs: number
  #nowMs: number
  #order = 0
  #steps = 0

  constructor(startMs: number) {
    this.#startMs = startMs
    this.#nowMs = startMs
  }

  wallMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  bootMs(): number {
    return this.#nowMs
  }

  /** Timers and ticks that fired. */
  get steps(): number {
    return this.#steps
  }

  after(delayMs: number, fn: () => void): Timer {
    this.#order += 1
    const entry: Entry = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order,
      fn,
      cancelled: false,
    }
    this.#push(entry)
    return {
      cancel: () => {
        entry.cancelled = true
      },
    }
  }

  soon(fn: () => void): void {
    this.after(0, fn)
  }

  /**
   * A process's own clock: its wall time is off by `skewMs()`, its seconds are `1 / rate` true ones, and what fires goes
   * through `run`.
   */
  view(options: {
    readonly skewMs: () => number
    readonly rate: number
    readonly run: (fn: () => void) => void
  }): Clock {
    const { skewMs, rate, run } = options
    const guarded = (fn: () => void) => () => run(fn)
    const monotonicMs = (): number => this.#startMs + (this.#nowMs - this.#startMs) * rate
    return {
      wallMs: () => Math.floor(monotonicMs() + skewMs()),
      monotonicMs,
      bootMs: monotonicMs,
      after: (delayMs, fn) => this.after(delayMs / rate, guarded(fn)),
      soon: (fn) => this.soon(guarded(fn)),
    }
  }

  /** Fires everything due within the next `ms`, promises settled after each, and stands at the end of it. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settled()
    while (await this.step(untilMs));
    this.#nowMs = untilMs
  }

  /** Fires the next thing due by `untilMs` and lets promises settle; false when there is none. */
  async step(untilMs: number): Promise<boolean> {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > untilMs) return false
      this.#pop()
      if (next.cancelled) continue
      this.#nowMs = next.atMs
      this.#steps += 1
      next.fn()
      await settled()
      return true
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    heap.push(entry)
    let child = heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#swapIfBefore(child, parent)) break
      child = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let parent = 0
    for (;;) {
      const left = parent * 2 + 1
      const right = left + 1
      const smallest = this.#before(right, left) ? right : left
      if (!this.#swapIfBefore(smallest, parent)) return
      parent = smallest
    }
  }

  #before(one: number, other: number): boolean {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined) return false
    return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order
  }

  #swapIfBefore(one: number, other: number): boolean {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined || !this.#before(one, other)) return false
    this.#heap[one] = b
    this.#heap[other] = a
    return true
  }
}

/** Every promise that can settle without time passing has settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
