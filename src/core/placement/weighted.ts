import { expectedOf } from './resource-based.js'
import type { PlaceFacts, Strategy, Weights } from './strategy.js'

/** A run of so many ms counts as half of the worst. */
const responseHalfMs = 10_000

/** Each measure is 0 (best) to 1, or a little more while no newer sample has come. */
function measuresOf(place: PlaceFacts, type: string): Weights {
  const expected = expectedOf(place)
  const responseMs = place.responseMs(type) ?? 0
  return {
    connections: place.slots === 0 ? 1 : (place.slots - place.slotsFree) / place.slots,
    cpu: (place.load?.cpu ?? 0.5) + expected,
    memory: (place.load?.memory ?? 0.5) + expected,
    response: responseMs / (responseMs + responseHalfMs),
  }
}

/** The least weighted sum of connections, CPU, memory and run time. */
export const weighted: Strategy = {
  rank: (place, type, weights) => {
    const measures = measuresOf(place, type)
    return (
      weights.connections * measures.connections +
      weights.cpu * measures.cpu +
      weights.memory * measures.memory +
      weights.response * measures.response
    )
  },
  keyOf: null,
}
