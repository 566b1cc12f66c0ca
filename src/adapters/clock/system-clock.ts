import { uptime } from 'node:os'
import type { Clock, Timer } from '../../ports/clock.js'

/** Longest delay that Node's timers take; a longer one is waited for in pieces. */
const timerDelayMsMax = 2 ** 31 - 1

/** The process's clock. Timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  bootMs,
  after: (delayMs, fn) => new SystemTimer(delayMs, fn),
  soon: (fn) => {
    setImmediate(fn)
  },
}

/** A read of the boot time holds so long: it reads a file, and is asked for with every run. */
const bootReadMs = 1
let bootRead = { atMs: Number.NEGATIVE_INFINITY, bootMs: 0 }

/** Behind the truth by at most what the machine was suspended since the last read, for as long as a read holds. */
function bootMs(): number {
  const atMs = performance.now()
  if (atMs - bootRead.atMs > bootReadMs) bootRead = { atMs, bootMs: uptime() * 1_000 }
  return bootRead.bootMs + (atMs - bootRead.atMs)
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
