import type { Strategy } from './strategy.js'

/** The fewest runs, however many slots it has. */
export const leastConnections: Strategy = { rank: (place) => place.runs, keyOf: null }
