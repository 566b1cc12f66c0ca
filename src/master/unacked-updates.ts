import type { DurableUpdate, NumberedUpdate } from '../ports/node-link.js'

/** Names one durable update for ever. */
export interface UplinkMark {
  readonly incarnation: number
  readonly uplinkSeq: number
}

interface Held {
  readonly update: NumberedUpdate
  /** About its size on the wire. */
  readonly bytes: number
}

/** Updates of one incarnation, in order. Invariant: head ≤ unsent ≤ held.length; what is before `head` is acked. */
interface Lane {
  readonly incarnation: number
  held: Held[]
  head: number
  unsent: number
}

/** Acked updates that a lane may keep before they are cut off its front. */
const ackedKept = 1_024

/**
 * Durable updates until their ack: what earlier incarnations left, each numbered by its own, then this one's. Bounded by
 * the outbox, which refuses what is over limits.outboxBytesMax.
 */
export class UnackedUpdates {
  readonly #lanes: Lane[] = []
  readonly #own: Lane
  #nextSeq = 1
  #ackedSeq = 0

  constructor(incarnation: number, backlog: readonly NumberedUpdate[]) {
    for (const update of backlog) this.#laneOf(update.incarnation).held.push(held(update))
    this.#own = this.#laneOf(incarnation)
  }

  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Of this incarnation. */
  get ackedSeq(): number {
    return this.#ackedSeq
  }

  get isEmpty(): boolean {
    return this.#lanes.every((lane) => lane.head === lane.held.length)
  }

  push(update: NumberedUpdate): void {
    this.#nextSeq = update.uplinkSeq + 1
    this.#own.held.push(held(update))
  }

  /** The oldest one that this session has not sent yet; null when there is none, or it is over `bytesMax`. */
  takeUnsent(bytesMax: number): Held | null {
    for (const lane of this.#lanes) {
      const next = lane.held[lane.unsent]
      if (next === undefined) continue
      if (next.bytes > bytesMax) return null
      lane.unsent += 1
      return next
    }
    return null
  }

  /** A new session: everything un-acked is unsent. */
  sendAgain(): void {
    for (const lane of this.#lanes) lane.unsent = lane.head
  }

  /** Everything up to this number of this incarnation is durable at the leader. False when that was known. */
  acked({ incarnation, uplinkSeq }: UplinkMark): boolean {
    const lane = this.#lanes.find((one) => one.incarnation === incarnation)
    if (lane === undefined) return false
    let head = lane.head
    while (head < lane.held.length && (lane.held[head]?.update.uplinkSeq ?? 0) <= uplinkSeq) head += 1
    if (head === lane.head) return false
    if (lane === this.#own) this.#ackedSeq = lane.held[head - 1]?.update.uplinkSeq ?? this.#ackedSeq
    lane.head = head
    lane.unsent = Math.max(lane.unsent, head)
    if (head > ackedKept || head === lane.held.length) cutFront(lane)
    return true
  }

  #laneOf(incarnation: number): Lane {
    const known = this.#lanes.find((lane) => lane.incarnation === incarnation)
    if (known !== undefined) return known
    const lane: Lane = { incarnation, held: [], head: 0, unsent: 0 }
    this.#lanes.push(lane)
    return lane
  }
}

function cutFront(lane: Lane): void {
  lane.held = lane.held.slice(lane.head)
  lane.unsent -= lane.head
  lane.head = 0
}

const held = (update: NumberedUpdate): Held => ({ update, bytes: sizeOf(update.update) })

/** About its size on the wire: only results and evidence are large. */
function sizeOf(update: DurableUpdate): number {
  switch (update.kind) {
    case 'ended':
      return (
        512 +
        update.end.tail.length +
        (update.end.value === null ? 0 : JSON.stringify(update.end.value).length)
      )
    case 'stall':
      return 512 + JSON.stringify(update.evidence).length
    case 'agents':
      return 64 + 128 * update.agents.length
    default:
      return 256
  }
}
