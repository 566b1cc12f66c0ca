import type { Strategy } from './strategy.js'

/** The one whose newest run began longest ago: with equal tasks, each in turn. */
export const roundRobin: Strategy = { rank: (place) => place.lastFence, keyOf: null }
