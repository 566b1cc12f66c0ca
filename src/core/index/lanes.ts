import { type Band, bands, type Entry, isBefore } from './entry.js'
import { IndexedHeap } from './heap.js'
import { type PlaceableKind, placeableKinds } from './place.js'
import type { Pool } from './pool.js'

/** Slot of the heap of starved pools, behind those of the bands. */
const starvedSlot = 3

/** Pools that wait to enter an order; with one more all of them enter. */
const enteringMax = 1_024

const slotOf = (kind: PlaceableKind, slot: number): number => slot + (kind === 'process' ? 0 : 4)

const isBandBefore = (band: Band) => (one: Pool, other: Pool) => {
  const [first, second] = [one.root.heads[band], other.root.heads[band]]
  return first !== null && second !== null && isBefore(first, second)
}

function isStarvedBefore(one: Pool, other: Pool): boolean {
  const [first, second] = [one.starvedBand, other.starvedBand]
  if (first === null || second === null) return first !== null
  return first === second ? isBandBefore(first)(one, other) : first > second
}

/** The runnable pools whose fitting places are of one kind of agent. */
class Lane {
  readonly kind: PlaceableKind
  readonly starved: IndexedHeap<Pool>
  readonly #bands: readonly [IndexedHeap<Pool>, IndexedHeap<Pool>, IndexedHeap<Pool>]
  /**
   * Pools that became runnable and are not in the order of a band yet: most are parked again before anybody asks for the
   * lower bands. Those that stand in an order are moved at once, so that it is never wrong about others.
   */
  readonly #entering: readonly [Pool[], Pool[], Pool[]] = [[], [], []]

  constructor(kind: PlaceableKind) {
    this.kind = kind
    const heapOf = (band: Band) => new IndexedHeap<Pool>(slotOf(kind, band), isBandBefore(band))
    this.#bands = [heapOf(0), heapOf(1), heapOf(2)]
    this.starved = new IndexedHeap<Pool>(slotOf(kind, starvedSlot), isStarvedBefore)
  }

  update(pool: Pool, band: Band): void {
    const heap = this.#bands[band]
    const isRunnable = this.#isRunnable(pool, band)
    if (heap.has(pool)) {
      if (isRunnable) heap.set(pool)
      else heap.remove(pool)
      return
    }
    const mark = 1 << slotOf(this.kind, band)
    if (!isRunnable || (pool.entering & mark) !== 0) return
    pool.entering |= mark
    // Nobody asks a lane whose kind is paused, and pools come and go meanwhile.
    if (this.#entering[band].push(pool) > enteringMax) this.first(band)
  }

  updateStarved(pool: Pool): void {
    if (pool.starvedBand !== null && pool.fitting[this.kind].size > 0) this.starved.set(pool)
    else this.starved.remove(pool)
  }

  /** The runnable pool whose task of this band goes first. */
  first(band: Band): Pool | undefined {
    const heap = this.#bands[band]
    const mark = 1 << slotOf(this.kind, band)
    for (let pool = this.#entering[band].pop(); pool !== undefined; pool = this.#entering[band].pop()) {
      pool.entering &= ~mark
      if (this.#isRunnable(pool, band)) heap.set(pool)
    }
    return heap.first
  }

  #isRunnable(pool: Pool, band: Band): boolean {
    return pool.fitting[this.kind].size > 0 && pool.root.heads[band] !== null
  }
}

/** A task that may go now, and the pool that has a place for it. */
export interface Candidate {
  readonly pool: Pool
  readonly entry: Entry
  readonly band: Band
}

/** The runnable pools, in the order in which their tasks go: what is starved, the lowest band of it first, then high, normal, low. */
export class Lanes {
  readonly #lanes = placeableKinds.map((kind) => new Lane(kind))

  headChanged(pool: Pool, band: Band): void {
    for (const lane of this.#lanes) {
      lane.update(pool, band)
      lane.updateStarved(pool)
    }
  }

  /** It has its first fitting place of this kind, or lost its last. */
  placesChanged(pool: Pool, kind: PlaceableKind): void {
    for (const lane of this.#lanes) {
      if (lane.kind !== kind) continue
      for (const band of bands) lane.update(pool, band)
      lane.updateStarved(pool)
    }
  }

  passedOver(pool: Pool): void {
    for (const lane of this.#lanes) lane.updateStarved(pool)
  }

  /** The task to place next, or null when none may go anywhere; nothing goes to agents of the closed kinds. */
  first(closed: ReadonlyMap<PlaceableKind, unknown>): Candidate | null {
    const lanes = closed.size === 0 ? this.#lanes : this.#lanes.filter((lane) => !closed.has(lane.kind))
    const starved = bestOf(lanes, (lane) => lane.starved.first, isStarvedBefore)
    if (starved !== null && starved.starvedBand !== null) return candidateOf(starved, starved.starvedBand)
    for (const band of bands) {
      const pool = bestOf(lanes, (lane) => lane.first(band), isBandBefore(band))
      if (pool !== null) return candidateOf(pool, band)
    }
    return null
  }
}

function bestOf(
  lanes: readonly Lane[],
  firstOf: (lane: Lane) => Pool | undefined,
  before: (one: Pool, other: Pool) => boolean,
): Pool | null {
  let best: Pool | null = null
  for (const lane of lanes) {
    const pool = firstOf(lane)
    if (pool !== undefined && (best === null || before(pool, best))) best = pool
  }
  return best
}

function candidateOf(pool: Pool, band: Band): Candidate | null {
  const entry = pool.root.heads[band]
  return entry === null ? null : { pool, entry, band }
}
