import { limits } from '../core/limits.js'

/** Delay before try number `attempt` (0, 1, …): anything up to a ceiling that doubles, so that many clients spread out. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** Math.min(attempt, 16))
  return Math.round(random() * ceiling)
}
