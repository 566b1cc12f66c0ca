import type { AgentId, NodeId } from '../ids.js'
import { limits } from '../limits.js'
import { type Ask, lacksOf } from '../placement/ask.js'
import { hashOf, scoreOf } from '../placement/rendezvous.js'
import type { Strategy, Weights } from '../placement/strategy.js'
import type { TaskSpec } from '../tasks/task.js'
import type { Band } from './entry.js'
import { Group } from './group.js'
import { MovableHeap } from './heap.js'
import type { NodeSlots } from './node-slots.js'
import type { Place, PlaceableKind } from './place.js'

/** A place as one pool sees it. */
export interface Seat {
  readonly pool: Pool
  readonly place: Place
  /** Lower goes first; as of the place's last change. */
  rank: number
  /** In the pool's heap of fitting places, −1 = not in it. */
  position: number
}

class SeatHeap extends MovableHeap<Seat> {
  protected positionOf(seat: Seat): number {
    return seat.position
  }

  protected moved(seat: Seat, position: number): void {
    seat.position = position
  }
}

/** How places are ranked, for all pools: it is replaced in place. */
export interface Ranking {
  strategy: Strategy
  weights: Weights
}

/** Where a run goes. */
export interface Target {
  readonly place: Place
  readonly nodeId: NodeId
  readonly agentId: AgentId
}

/**
 * The queued tasks that ask the same of a node, and the places that can serve them. It is runnable while a task of it
 * may go and a place fits now, and *parked* otherwise: both sides are kept up with every change, so that nothing has
 * to be woken.
 * Invariant: `fitting` holds exactly the open places with enough free slots and memory, best rank first.
 */
export class Pool {
  readonly key: string
  readonly ask: Ask
  readonly root: Group
  /** Positions in the lanes, and a bit for each of their orders that it is about to enter. */
  readonly at: number[] = []
  entering = 0
  readonly fitting: Readonly<Record<PlaceableKind, SeatHeap>>
  readonly #ranking: Ranking
  readonly #seats = new Map<Place, Seat>()
  /** Of the lower bands: runs of higher ones that took a place which a task of this one could have had, since its last. */
  #normalPassedOver = 0
  #lowPassedOver = 0
  readonly #slotsNeeded: number
  readonly #memoryNeeded: number

  constructor(key: string, ask: Ask, ranking: Ranking, onHead: (pool: Pool, band: Band) => void) {
    this.key = key
    this.#ranking = ranking
    this.ask = ask
    this.#slotsNeeded = ask.needs.slots
    this.#memoryNeeded = ask.needs.memoryBytes
    this.root = new Group(null, null, (band) => onHead(this, band))
    this.fitting = { process: new SeatHeap(isSeatBefore), function: new SeatHeap(isSeatBefore) }
  }

  get isEmpty(): boolean {
    return this.root.size === 0
  }

  /** The places that have what it asks, open or not, full or not. */
  get seats(): Iterable<Seat> {
    return this.#seats.values()
  }

  get placesKnown(): number {
    return this.#seats.size
  }

  /**
   * A node is new, or has other capabilities or agents. Returns the kinds of agents of which it lost the last fitting
   * place; what it gained is told by `refresh`.
   */
  meet(node: NodeSlots): readonly PlaceableKind[] {
    const lost: PlaceableKind[] = []
    const serves = node.node !== null && lacksOf(node.node, this.ask).length === 0
    for (const place of node.places) {
      const seat = this.#seats.get(place)
      const isServed = serves && place.slots > 0
      if (isServed && seat === undefined) this.#enter({ pool: this, place, rank: 0, position: -1 })
      else if (!isServed && seat !== undefined && this.#exit(seat)) lost.push(place.kind)
    }
    return lost
  }

  /** Room or rank of the place changed. True = the pool has its first fitting place of the kind, or lost its last. */
  refresh(seat: Seat): boolean {
    const { place } = seat
    const heap = this.fitting[place.kind]
    const sizeBefore = heap.size
    if (this.#fits(place)) {
      const { strategy, weights } = this.#ranking
      seat.rank = strategy.rank(place, this.ask.type, weights)
      heap.set(seat)
    } else heap.remove(seat)
    return (sizeBefore === 0) !== (heap.size === 0)
  }

  /** The best place for this task now among agents of the kinds that are not closed, or null. */
  target(spec: TaskSpec, closed: ReadonlyMap<PlaceableKind, unknown>): Target | null {
    const key = this.#ranking.strategy.keyOf?.(spec) ?? null
    const bestOf = (heap: SeatHeap) => (key === null ? heap.first : highestFor(heap.items, key))
    const one = closed.has('process') ? undefined : bestOf(this.fitting.process)
    const other = closed.has('function') ? undefined : bestOf(this.fitting.function)
    const seat = one === undefined || (other !== undefined && isBetter(other, one, key)) ? other : one
    if (seat === undefined) return null
    const { place } = seat
    const nodeId = place.node.node?.nodeId
    const agentId = place.nextAgent
    return nodeId === undefined || agentId === null ? null : { place, nodeId, agentId }
  }

  /**
   * Lowest band that was passed over limits.bandStarvationMax times and has a task that may go, or null. The lowest: a
   * run of a lower band passes over nobody of the higher one.
   */
  get starvedBand(): Band | null {
    if (this.#lowPassedOver >= limits.bandStarvationMax && this.root.heads[2] !== null) return 2
    if (this.#normalPassedOver >= limits.bandStarvationMax && this.root.heads[1] !== null) return 1
    return null
  }

  /** A run of this band takes a place that a task of this pool could have had. True = who is starved may have changed. */
  passOver(taken: Band): boolean {
    const { heads } = this.root
    const before = this.starvedBand
    if (taken === 1) this.#normalPassedOver = 0
    if (taken === 2) this.#lowPassedOver = 0
    if (taken < 1 && heads[1] !== null) this.#normalPassedOver += 1
    if (taken < 2 && heads[2] !== null) this.#lowPassedOver += 1
    return before !== null || this.starvedBand !== null
  }

  /** Its last task is gone: nobody of it was passed over. */
  rest(): void {
    this.#normalPassedOver = 0
    this.#lowPassedOver = 0
  }

  /** It is dropped: no node needs to know of it. */
  leave(): void {
    for (const seat of this.#seats.values()) seat.place.seats.delete(seat)
    this.root.leave()
  }

  #enter(seat: Seat): void {
    this.#seats.set(seat.place, seat)
    seat.place.seats.add(seat)
  }

  #exit(seat: Seat): boolean {
    const heap = this.fitting[seat.place.kind]
    const sizeBefore = heap.size
    heap.remove(seat)
    this.#seats.delete(seat.place)
    seat.place.seats.delete(seat)
    return sizeBefore > 0 && heap.size === 0
  }

  #fits(place: Place): boolean {
    const { node } = place
    if (!node.takesTasks || place.slotsFree < this.#slotsNeeded || node.hasDeclined(this.key)) return false
    return this.#memoryNeeded === 0 || node.memoryFreeBytes >= this.#memoryNeeded
  }
}

/** Rendezvous over what fits now, so that a full node's tasks go to the next in the key's order. Costs O(places that fit). */
function highestFor(seats: readonly Seat[], key: string): Seat | undefined {
  const keyHash = hashOf(key)
  let best: Seat | undefined
  let bestScore = -1
  for (const seat of seats) {
    const score = scoreOf(seat.place.node.hash, keyHash)
    if (score < bestScore || (score === bestScore && best !== undefined && !isSeatBefore(seat, best)))
      continue
    best = seat
    bestScore = score
  }
  return best
}

function isBetter(one: Seat, other: Seat, key: string | null): boolean {
  if (key === null) return isSeatBefore(one, other)
  const keyHash = hashOf(key)
  const [first, second] = [one, other].map((seat) => scoreOf(seat.place.node.hash, keyHash))
  return first === second ? isSeatBefore(one, other) : (first ?? 0) > (second ?? 0)
}

/** Ties go by node, then by kind, so that a choice never depends on the order in which nodes came. */
function isSeatBefore(one: Seat, other: Seat): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank
  const [first, second] = [one.place.node.nodeId, other.place.node.nodeId]
  return first === second ? one.place.kind === 'process' && other.place.kind !== 'process' : first < second
}
