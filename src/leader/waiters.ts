import type { Clock } from '../ports/clock.js'
import type { CancelSignal } from '../ports/control-plane.js'

interface Waiter {
  readonly isOver: () => boolean
  readonly finish: () => void
}

/** Calls that wait until something in state is over; looked at after each commit. */
export class Waiters {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when it is over, after `waitMs`, or when the caller is gone. */
  until(isOver: () => boolean, waitMs: number, signal: CancelSignal | undefined): Promise<void> {
    if (waitMs <= 0 || isOver()) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel()
        this.#waiting.delete(waiter)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = this.#clock.after(waitMs, finish)
      const waiter = { isOver, finish }
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', finish)
    })
  }

  look(): void {
    for (const waiter of [...this.#waiting]) if (waiter.isOver()) waiter.finish()
  }
}
