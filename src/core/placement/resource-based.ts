import type { PlaceFacts, Strategy } from './strategy.js'

/** Runs that began since the sample are expected to load the machine by their share of its slots. */
export const expectedOf = ({ startsSinceLoad, slots }: PlaceFacts): number =>
  slots === 0 ? 0 : startsSinceLoad / slots

/** The least of the busier of CPU and memory; one without a sample counts as half busy. */
export const resourceBased: Strategy = {
  rank: (place) => {
    const busy = place.load === null ? 0.5 : Math.max(place.load.cpu, place.load.memory)
    return busy + expectedOf(place)
  },
  keyOf: null,
}
