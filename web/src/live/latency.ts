import { bounds } from './bounds.js'
import type { LatencyMinute, Task } from './protocol.js'
import { Spread } from './spread.js'

const minuteMs = 60_000

interface Minute {
  /** From making to the start of the last attempt: its earlier ones count as waiting. */
  readonly waited: Spread
  readonly ran: Spread
}

/** How long tasks waited and ran, by the minute in which they ended, over the last hour. Cancelled ones say nothing. */
export class LatencyBook {
  readonly #minutes = new Map<number, Minute>()

  /** A newer version of a task: it counts when it ended just now. */
  note(before: Task | undefined, { status, createdAt, startedAt, completedAt }: Task): void {
    if (completedAt === null || startedAt === null || before?.completedAt === completedAt) return
    if (status !== 'completed' && status !== 'failed') return
    const atMs = Math.floor(completedAt / minuteMs) * minuteMs
    const minute = this.#minutes.get(atMs) ?? { waited: new Spread(), ran: new Spread() }
    this.#minutes.set(atMs, minute)
    minute.waited.add(startedAt - createdAt)
    minute.ran.add(completedAt - startedAt)
    this.#trim()
  }

  rebuild(tasks: Iterable<Task>): void {
    this.clear()
    for (const task of tasks) this.note(undefined, task)
  }

  clear(): void {
    this.#minutes.clear()
  }

  /** Only minutes in which something ended, oldest first. */
  minutes(): readonly LatencyMinute[] {
    return [...this.#minutes]
      .sort(([a], [b]) => a - b)
      .map(([atMs, { waited, ran }]) => ({ atMs, waited: percentiles(waited), ran: percentiles(ran) }))
  }

  /** Invariant: at most bounds.riverMinutes minutes are held. */
  #trim(): void {
    if (this.#minutes.size <= bounds.riverMinutes) return
    const from = Math.max(...this.#minutes.keys()) - (bounds.riverMinutes - 1) * minuteMs
    for (const atMs of this.#minutes.keys()) if (atMs < from) this.#minutes.delete(atMs)
  }
}

const percentiles = (spread: Spread) => ({
  p50: spread.percentile(0.5) ?? 0,
  p95: spread.percentile(0.95) ?? 0,
})
