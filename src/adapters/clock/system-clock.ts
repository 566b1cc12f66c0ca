import { uptime } from 'node:os'
import type { Clock, Timer } from '../../ports/clock.js'

/** Longest delay that Node's timers take; a longer one is waited for in pieces. */
const timerDelayMsMax = 2 ** 31 - 1

/** The process's clock. Timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  bootMs: () => uptime() * 1_000,
  after: (delayMs, fn) => new SystemTimer(delayMs, fn),
  soon: (fn) => {
    setImmediate(fn)
  },
}

class SystemTimer implements Timer {
  readonly #fn: () => void
  #handle: NodeJS.Timeout

  constructor(delayMs: number, fn: () => void) {
    this.#fn = fn
    this.#handle = this.#wait(delayMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #wait(delayMs: number): NodeJS.Timeout {
    if (delayMs <= timerDelayMsMax) return setTimeout(this.#fn, Math.max(0, delayMs))
    return setTimeout(() => {
      this.#handle = this.#wait(delayMs - timerDelayMsMax)
    }, timerDelayMsMax)
  }
}
