/** Time and scheduling, injected so that tests and the simulator own them. */
export interface Clock {
  /** Unix ms; may step. For display and event stamps. */
  wallMs(): number
  /** Ms from any origin; never steps. For timeouts, leases and measurements. */
  monotonicMs(): number
  /**
   * Ms since the machine was started, suspended time included: the same in every process of the machine. For deadlines
   * that one process sets and another keeps.
   */
  bootMs(): number
  /** Runs `fn` once after `delayMs`. */
  after(delayMs: number, fn: () => void): Timer
  /** Runs `fn` at the end of the present tick, after pending I/O callbacks. */
  soon(fn: () => void): void
}

export interface Timer {
  /** Idempotent; also fine after it fired. */
  cancel(): void
}
