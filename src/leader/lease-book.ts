import type { LogEvent } from '../core/event.js'
import { limits } from '../core/limits.js'
import { type LeaseClass, type LeaseFacts, leaseTimes } from '../core/runs/lease.js'
import type { Clock } from '../ports/clock.js'

interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

/**
 * When each node last renewed, and when each run was assigned: samples, never events, and in elapsed time. A leader that
 * starts knows neither: it counts from its start and limits.leaderLeaseMs, which its predecessor may have had left [LS6].
 */
export class LeaseBook implements LeaseFacts {
  readonly #clock: Clock
  readonly #start: Moment
  readonly #renewed = new Map<string, Moment>()
  /** By fence; an entry goes with its run. */
  readonly #assigned = new Map<number, Moment>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = this.#inMs(limits.leaderLeaseMs)
  }

  /** A renewal came, or a stream began. Counts from now on, also if nothing is granted. */
  renewed(nodeId: string): void {
    this.#renewed.set(nodeId, this.#inMs(0))
  }

  /** Reads what a turn made. */
  take(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.type === 'TaskAssigned') this.#assigned.set(event.seq, this.#inMs(0))
      else if (event.type === 'RunEnded' || event.type === 'RunDeclined')
        this.#assigned.delete(event.body.fence)
    }
  }

  silentMs(nodeId: string, fence: number): number {
    return this.#clock.monotonicMs() - this.#newest(nodeId, fence).monotonicMs
  }

  /** Unix ms at which the lease of this run is over for the leader. */
  overAtMs(run: { readonly nodeId: string; readonly fence: number }, leaseClass: LeaseClass): number {
    return this.#newest(run.nodeId, run.fence).wallMs + leaseTimes[leaseClass].redispatchMs
  }

  #newest(nodeId: string, fence: number): Moment {
    const assigned = this.#assigned.get(fence) ?? this.#start
    const renewed = this.#renewed.get(nodeId)
    return renewed === undefined || renewed.monotonicMs < assigned.monotonicMs ? assigned : renewed
  }

  #inMs(delayMs: number): Moment {
    return {
      monotonicMs: this.#clock.monotonicMs() + delayMs,
      wallMs: this.#clock.wallMs() + delayMs,
    }
  }
}
