import { limits } from '../limits.js'

export type LeaseClass = 'steady' | 'strict'

/** Times of a lease in ms: see limits. */
export interface LeaseTimes {
  readonly renewMs: number
  /** From the sending of the renewal. */
  readonly killMs: number
  /** TERM goes out so long before the KILL. */
  readonly graceMs: number
  /** From the receipt of the renewal. */
  readonly redispatchMs: number
}

export const leaseTimes: Readonly<Record<LeaseClass, LeaseTimes>> = {
  steady: {
    renewMs: limits.leaseSteadyRenewMs,
    killMs: limits.leaseSteadyKillMs,
    graceMs: limits.leaseSteadyGraceMs,
    redispatchMs: limits.leaseSteadyRedispatchMs,
  },
  strict: {
    renewMs: limits.leaseStrictRenewMs,
    killMs: limits.leaseStrictKillMs,
    graceMs: limits.leaseStrictGraceMs,
    redispatchMs: limits.leaseStrictRedispatchMs,
  },
}

/** What no event tells. Elapsed time, so that no step of the wall clock shortens a lease. */
export interface LeaseFacts {
  /** Ms since the leader last counted on this run: its node's newest renewal, or its assignment. May be below 0. */
  silentMs(nodeId: string, fence: number): number
}
