import { firstFit } from './first-fit.js'
import type { Strategy } from './strategy.js'

/** Tasks of one account go to one master, and to the next in its order while that is full; others as by first fit. */
export const affinity: Strategy = {
  rank: firstFit.rank,
  keyOf: ({ requirements: { accountIdx } }) => (accountIdx === null ? null : `account ${accountIdx}`),
}
