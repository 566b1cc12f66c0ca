import { type LeaseClass, leaseTimes } from '../core/runs/lease.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Uplink } from './uplink.js'

type PerClass = Readonly<Record<LeaseClass, number>>

export interface LeasesOptions {
  readonly clock: Clock
  readonly uplink: Uplink
  /** A grant came: what waits for a lease may start. */
  readonly onGranted: () => void
  /** The newest renewal that was granted was sent then: whoever owns the processes counts from it too. */
  readonly onRenewed: (sentAtBootMs: number) => void
  /** No process of this class may be left after `graceMs`. Comes again while such a run is held. */
  readonly onOver: (leaseClass: LeaseClass, graceMs: number) => void
}

/**
 * Renews the leases of all held runs by one message, while there are any and a leader is there. A grant counts from the
 * sending of its renewal, in boot time; a lease that ran out is not revived by a later grant [LS2].
 */
export class Leases {
  readonly #options: LeasesOptions
  #renewMs: PerClass | null = null
  #held: ReadonlySet<LeaseClass> = new Set()
  #untilMs: PerClass = { steady: Number.NEGATIVE_INFINITY, strict: Number.NEGATIVE_INFINITY }
  /** Sending of the newest renewal that was granted. */
  #grantedMs = Number.NEGATIVE_INFINITY
  #sentAtMs = Number.NEGATIVE_INFINITY
  #renewTimer: Timer | null = null
  #overTimer: Timer | null = null

  constructor(options: LeasesOptions) {
    this.#options = options
  }

  /** A run of this class may start now. */
  isLeased(leaseClass: LeaseClass): boolean {
    return this.#options.clock.bootMs() < this.#termAtMs(leaseClass)
  }

  /** A leader is there and wants a renewal so often, ms. The first goes out at once when a run is held. */
  start(renewMs: PerClass): void {
    this.#renewMs = renewMs
    this.#sentAtMs = Number.NEGATIVE_INFINITY
    this.#renew()
  }

  stop(): void {
    this.#renewMs = null
    this.#renew()
  }

  /** Classes of the runs that are held. */
  hold(held: ReadonlySet<LeaseClass>): void {
    if (held === this.#held) return
    this.#held = held
    this.#renew()
    this.#watch()
  }

  /** `sentAtMs` is the renewal's own. */
  granted(sentAtMs: number, ttlMs: PerClass): void {
    this.#watch()
    this.#untilMs = {
      steady: Math.max(this.#untilMs.steady, sentAtMs + ttlMs.steady),
      strict: Math.max(this.#untilMs.strict, sentAtMs + ttlMs.strict),
    }
    this.#watch()
    if (sentAtMs > this.#grantedMs) {
      this.#grantedMs = sentAtMs
      this.#options.onRenewed(sentAtMs)
    }
    this.#options.onGranted()
  }

  #renew(): void {
    this.#renewTimer?.cancel()
    this.#renewTimer = null
    if (this.#renewMs === null || this.#held.size === 0) return
    const { clock, uplink } = this.#options
    const everyMs = this.#renewMs[this.#held.has('strict') ? 'strict' : 'steady']
    if (this.#sentAtMs + everyMs <= clock.bootMs()) {
      this.#sentAtMs = Math.floor(clock.bootMs())
      uplink.traffic({ kind: 'lease', sentAtMs: this.#sentAtMs })
    }
    const delayMs = this.#sentAtMs + everyMs - clock.bootMs()
    this.#renewTimer = clock.after(delayMs, () => this.#renew())
  }

  #watch(): void {
    this.#overTimer?.cancel()
    this.#overTimer = null
    const { clock, onOver } = this.#options
    const nowMs = clock.bootMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const leaseClass of this.#held) {
      const termAtMs = this.#termAtMs(leaseClass)
      if (termAtMs <= nowMs) onOver(leaseClass, Math.max(0, this.#untilMs[leaseClass] - nowMs))
      else nextMs = Math.min(nextMs, termAtMs)
    }
    if (nextMs < Number.POSITIVE_INFINITY) {
      this.#overTimer = clock.after(nextMs - nowMs, () => this.#watch())
    }
  }

  #termAtMs(leaseClass: LeaseClass): number {
    return this.#untilMs[leaseClass] - leaseTimes[leaseClass].graceMs
  }
}
