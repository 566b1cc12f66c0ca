import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { RunTerms } from '../ports/task-host.js'

interface Lease {
  readonly killAfterMs: number
  readonly graceMs: number
  readonly heldSinceMs: number
}

/**
 * [WD5] Says which runs must end because nobody renewed their lease. Deadlines are absolute boot time, looked at again on
 * every wake: a machine that slept finds them passed. TERM comes so early that the KILL meets the deadline.
 */
export class LeaseDeadlines {
  readonly #clock: Clock
  /** The run is to be gone within `graceMs`. */
  readonly #onExpired: (fence: number, graceMs: number) => void
  readonly #leases = new Map<number, Lease>()
  #renewedMs = 0
  #timer: Timer | null = null

  constructor(clock: Clock, onExpired: (fence: number, graceMs: number) => void) {
    this.#clock = clock
    this.#onExpired = onExpired
  }

  /** A run begins. One that is to be kept has no deadline. */
  hold(fence: number, { leaseClass, onDisconnect }: RunTerms): void {
    if (onDisconnect === 'keep') return
    const isStrict = leaseClass === 'strict'
    this.#leases.set(fence, {
      killAfterMs: isStrict ? limits.leaseStrictKillMs : limits.leaseSteadyKillMs,
      graceMs: isStrict ? limits.leaseStrictGraceMs : limits.leaseSteadyGraceMs,
      heldSinceMs: this.#clock.bootMs(),
    })
    this.#look()
  }

  drop(fence: number): void {
    this.#leases.delete(fence)
  }

  /** A renewal that was sent then was granted. */
  renewed(sentAtBootMs: number): void {
    this.#renewedMs = Math.max(this.#renewedMs, sentAtBootMs)
  }

  close(): void {
    this.#leases.clear()
    this.#timer?.cancel()
  }

  #look(): void {
    this.#timer?.cancel()
    this.#timer = null
    const nowMs = this.#clock.bootMs()
    let waitMs: number = limits.leaseLookMs
    for (const [fence, lease] of this.#leases) {
      const deadlineMs = Math.max(this.#renewedMs, lease.heldSinceMs) + lease.killAfterMs
      const leftMs = deadlineMs - lease.graceMs - nowMs
      if (leftMs > 0) {
        waitMs = Math.min(waitMs, leftMs)
        continue
      }
      this.#leases.delete(fence)
      this.#onExpired(fence, Math.max(0, deadlineMs - nowMs))
    }
    if (this.#leases.size > 0) this.#timer = this.#clock.after(waitMs, () => this.#look())
  }
}
