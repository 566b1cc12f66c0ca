import type { Strategy } from './strategy.js'

/** The lowest free slot number, so that equal masters fill evenly. */
export const firstFit: Strategy = { rank: (place) => place.lowestFree, keyOf: null }
