import { firstFit } from './first-fit.js'
import type { Strategy } from './strategy.js'

/** Tasks of one concurrency key (without one: of one name) go to one master, and to the next in order while that is full. */
export const consistentHash: Strategy = {
  rank: firstFit.rank,
  keyOf: ({ queue, name }) =>
    queue?.concurrencyKey == null ? `name ${name}` : `key ${queue.concurrencyKey}`,
}
