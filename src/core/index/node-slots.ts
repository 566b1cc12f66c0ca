import { limits } from '../limits.js'
import type { Node } from '../nodes/node.js'
import { hashOf } from '../placement/rendezvous.js'
import type { Load } from '../placement/strategy.js'
import type { Decline } from '../tasks/task.js'
import { Place, type PlaceableKind } from './place.js'

/** A run as it takes room on its node. */
export interface HeldSlots {
  readonly taskId: string
  readonly agentId: string
  /** Its fence: a later run has a higher one. */
  readonly fence: number
  readonly slots: number
  readonly memoryBytes: number
}

/** Key that stands for every ask. */
export const everything = '*'

type Held = HeldSlots & {
  readonly place: Place
  /** Of its agent there; −1 = the agent is gone. */
  readonly slot: number
}

/** One node as tasks are placed on it: what it has, whether it takes tasks, and what its runs hold. */
export class NodeSlots {
  readonly nodeId: string
  /** Of its id, for rendezvous hashing. */
  readonly hash: number
  /** One per kind of agent that takes tasks. */
  readonly places: readonly [Place, Place]
  /** Those with agents: of the others no pool has a seat. */
  staffed: readonly Place[] = []
  /** Live runs, by task. */
  readonly #held = new Map<string, Held>()
  /** [OF2] Asks that it declined, by key, and until when it is not offered the like; null = none, as nearly always. */
  #declined: Map<string, Decline> | null = null
  #node: Node | null = null
  #isHeldOut = false
  /** Newest sample of the machine; null = none came, or nobody asks for it. */
  load: Load | null = null
  #isOpen = false
  #memoryHeld = 0

  constructor(nodeId: string) {
    this.nodeId = nodeId
    this.hash = hashOf(nodeId)
    this.places = [new Place(this, 'process'), new Place(this, 'function')]
  }

  /** null until it is registered: its runs may be known before. */
  get node(): Node | null {
    return this.#node
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Its stream is open, and nobody took it out. */
  get takesTasks(): boolean {
    return this.#isOpen && !this.#isHeldOut
  }

  get memoryFreeBytes(): number {
    return (this.#node?.capabilities.memoryBytes ?? 0) - this.#memoryHeld
  }

  hasDeclined(key: string): boolean {
    return this.#declined !== null && (this.#declined.has(key) || this.#declined.has(everything))
  }

  /** What it said of this ask, or of all; null = nothing. */
  declineOf(key: string): Decline | null {
    return this.#declined?.get(key) ?? this.#declined?.get(everything) ?? null
  }

  /** Beyond limits.declinedClassesPerNode it is offered nothing until then. */
  decline(key: string, decline: Decline): void {
    this.#declined ??= new Map()
    const isFull = this.#declined.size >= limits.declinedClassesPerNode && !this.#declined.has(key)
    const kept = isFull ? everything : key
    if ((this.#declined.get(kept)?.untilMs ?? 0) < decline.untilMs) this.#declined.set(kept, decline)
  }

  /** Offered again what it declined until then. */
  declinesOver(atMs: number): void {
    for (const [key, { untilMs }] of this.#declined ?? []) if (untilMs <= atMs) this.#declined?.delete(key)
    if (this.#declined?.size === 0) this.#declined = null
  }

  shift(byMs: number): void {
    for (const [key, decline] of this.#declined ?? [])
      this.#declined?.set(key, { ...decline, untilMs: decline.untilMs + byMs })
  }

  /** Tasks with a live run here, in no particular order. */
  get taskIds(): Iterable<string> {
    return this.#held.keys()
  }

  get runs(): number {
    return this.#held.size
  }

  /** Kind of an agent; a process while nobody knows it. */
  kindOf(agentId: string): PlaceableKind {
    const [processes, functions] = this.places
    return processes.slotOf(agentId) < 0 && functions.slotOf(agentId) >= 0 ? 'function' : 'process'
  }

  /** The newest run of an agent, also of one that is gone. */
  taskOf(agentId: string): string | null {
    for (const place of this.staffed) {
      const slot = place.slotOf(agentId)
      if (slot >= 0) return place.taskAt(slot)
    }
    let newest: string | null = null
    for (const held of this.#held.values()) if (held.agentId === agentId) newest = held.taskId
    return newest
  }

  /** Where a live run is; null when no run of this task is here. */
  placeOf(taskId: string): Place | null {
    return this.#held.get(taskId)?.place ?? null
  }

  /** Returns the runs whose agent turns out to be of another kind: they were known before their node. */
  set(node: Node): readonly { readonly from: PlaceableKind; readonly to: PlaceableKind }[] {
    const moved: { from: PlaceableKind; to: PlaceableKind }[] = []
    this.#node = node
    this.#declined = null
    this.#isOpen = node.status === 'online'
    this.#isHeldOut = node.hold !== undefined
    for (const place of this.places) {
      const mine = node.agents.filter((agent) => !agent.failed && agent.kind === place.kind)
      place.reset(mine.map((agent) => agent.agentId))
    }
    this.staffed = this.places.filter((place) => place.slots > 0)
    for (const held of [...this.#held.values()]) {
      const { place } = this.#take(held, held.place.kind)
      if (place !== held.place) moved.push({ from: held.place.kind, to: place.kind })
    }
    return moved
  }

  close(): void {
    this.#isOpen = false
  }

  /** Returns the kind of agent that holds it. */
  hold(run: HeldSlots): PlaceableKind {
    const { place } = this.#take(run, 'process')
    place.lastFence = Math.max(place.lastFence, run.fence)
    place.startsSinceLoad += 1
    this.#memoryHeld += run.memoryBytes
    return place.kind
  }

  /** Returns the kind of agent that held it; null when no run of this task is here. */
  free(taskId: string): PlaceableKind | null {
    const held = this.#held.get(taskId)
    if (held === undefined) return null
    this.#held.delete(taskId)
    this.#memoryHeld -= held.memoryBytes
    held.place.release(taskId, held.slot, held.slots)
    return held.place.kind
  }

  /** A run whose agent is gone still counts, against agents of the kind that it was of. */
  #take({ taskId, agentId, fence, slots, memoryBytes }: HeldSlots, goneKind: PlaceableKind): Held {
    const [processes, functions] = this.places
    let place = processes
    let slot = processes.slotOf(agentId)
    if (slot < 0) {
      slot = functions.slotOf(agentId)
      if (slot >= 0 || goneKind === 'function') place = functions
    }
    const held = { taskId, agentId, fence, slots, memoryBytes, place, slot }
    this.#held.set(taskId, held)
    place.hold(taskId, slot, slots)
    return held
  }
}
