import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { RunTerms } from '../ports/task-host.js'

interface Lease {
  readonly killAfterMs: number
  readonly graceMs: number
  readonly heldSinceMs: number
  /** Set: the run is being ended, and no later renewal counts. */
  overAtMs: number | null
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
      overAtMs: null,
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

  /** [FC1] True while nobody else may run it: up to its deadline, whether or not anybody has looked. */
  holds(fence: number): boolean {
    const lease = this.#leases.get(fence)
    return lease === undefined || this.#clock.bootMs() < this.#deadlineOf(lease)
  }

  #deadlineOf(lease: Lease): number {
    return lease.overAtMs ?? Math.max(this.#renewedMs, lease.heldSinceMs) + lease.killAfterMs
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
    let open = 0
    for (const [fence, lease] of this.#leases) {
      if (lease.overAtMs !== null) continue
      const deadlineMs = this.#deadlineOf(lease)
      const leftMs = deadlineMs - lease.graceMs - nowMs
      if (leftMs > 0) {
        waitMs = Math.min(waitMs, leftMs)
        open += 1
        continue
      }
      lease.overAtMs = deadlineMs
      this.#onExpired(fence, Math.max(0, deadlineMs - nowMs))
    }
    if (open > 0) this.#timer = this.#clock.after(waitMs, () => this.#look())
  }
}
