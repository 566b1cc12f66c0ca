import { limits } from '../core/limits.js'

/**
 * Delay before the next try: full jitter over an exponential ceiling, from limits.backoffMsMin to backoffMsMax.
 * Never gives up. `fraction` is in [0, 1). Source: "Exponential Backoff And Jitter" (full jitter variant).
 */
export function backoffMs(attempt: number, fraction: number): number {
  const ceiling = Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** Math.min(attempt, 16))
  return Math.round(limits.backoffMsMin / 2 + fraction * ceiling)
}
