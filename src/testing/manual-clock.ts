import type { Clock, Timer } from '../ports/clock.js'

interface Entry {
  readonly atMs: number
  readonly fn: () => void
}

/** A clock that a test moves by hand; everything due fires inside `pass`, in order of time and then of asking. */
export class ManualClock implements Clock {
  #nowMs: number
  /** How far the wall clock is from elapsed time. */
  #wallStepMs = 0
  #entries: Entry[] = []

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs
  }

  wallMs(): number {
    return this.#nowMs + this.#wallStepMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  bootMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, fn: () => void): Timer {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), fn }
    this.#entries.push(entry)
    return {
      cancel: () => {
        this.#entries = this.#entries.filter((other) => other !== entry)
      },
    }
  }

  soon(fn: () => void): void {
    this.after(0, fn)
  }

  /** Time that whoever runs now takes: nothing fires meanwhile. */
  spend(ms: number): void {
    this.#nowMs += ms
  }

  /** Somebody sets the wall clock; no time passes. */
  stepWall(byMs: number): void {
    this.#wallStepMs += byMs
  }

  /** Moves on by `ms`; 0 runs what is due now. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = this.#entries.filter((entry) => entry.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#entries = this.#entries.filter((entry) => entry !== next)
      this.#nowMs = next.atMs
      next.fn()
    }
    this.#nowMs = untilMs
  }
}
