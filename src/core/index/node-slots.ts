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

type Held = HeldSlots & { readonly place: Place }

/** One node as tasks are placed on it: what it has, whether it takes tasks, and what its runs hold. */
export class NodeSlots {
  readonly nodeId: string
  /** Of its id, for rendezvous hashing. */
  readonly hash: number
  /** One per kind of agent that takes tasks. */
  readonly places: readonly [Place, Place]
  /** Tasks with a live run here, in no particular order. */
  readonly taskIds = new Set<string>()
  readonly #held = new Map<string, Held>()
  /** Task by agent. */
  readonly #busy = new Map<string, string>()
  /** [OF2] Asks that it declined, by key, and until when it is not offered the like. */
  readonly #declined = new Map<string, Decline>()
  #node: Node | null = null
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
    return this.#isOpen && this.#node?.hold === undefined
  }

  get memoryFreeBytes(): number {
    return (this.#node?.capabilities.memoryBytes ?? 0) - this.#memoryHeld
  }

  hasDeclined(key: string): boolean {
    return this.#declined.size > 0 && (this.#declined.has(key) || this.#declined.has(everything))
  }

  /** What it said of this ask, or of all; null = nothing. */
  declineOf(key: string): Decline | null {
    return this.#declined.get(key) ?? this.#declined.get(everything) ?? null
  }

  /** Beyond limits.declinedClassesPerNode it is offered nothing until then. */
  decline(key: string, decline: Decline): void {
    const isFull = this.#declined.size >= limits.declinedClassesPerNode && !this.#declined.has(key)
    const kept = isFull ? everything : key
    if ((this.#declined.get(kept)?.untilMs ?? 0) < decline.untilMs) this.#declined.set(kept, decline)
  }

  /** Offered again what it declined until then. */
  declinesOver(atMs: number): void {
    for (const [key, { untilMs }] of this.#declined) if (untilMs <= atMs) this.#declined.delete(key)
  }

  shift(byMs: number): void {
    for (const [key, decline] of this.#declined)
      this.#declined.set(key, { ...decline, untilMs: decline.untilMs + byMs })
  }

  /** Kind of an agent; a process while nobody knows it. */
  kindOf(agentId: string): PlaceableKind {
    return this.#placeOf(agentId, null).kind
  }

  taskOf(agentId: string): string | null {
    return this.#busy.get(agentId) ?? null
  }

  /** Returns the runs whose agent turns out to be of another kind: they were known before their node. */
  set(node: Node): readonly { readonly from: PlaceableKind; readonly to: PlaceableKind }[] {
    const moved: { from: PlaceableKind; to: PlaceableKind }[] = []
    this.#node = node
    this.#declined.clear()
    this.#isOpen = node.status === 'online'
    for (const place of this.places) {
      const mine = node.agents.filter((agent) => !agent.failed && agent.kind === place.kind)
      place.reset(mine.map((agent) => agent.agentId))
    }
    for (const held of [...this.#held.values()]) {
      const place = this.#placeOf(held.agentId, held.place.kind)
      place.hold(held.agentId, held.slots)
      this.#held.set(held.taskId, { ...held, place })
      if (place !== held.place) moved.push({ from: held.place.kind, to: place.kind })
    }
    return moved
  }

  close(): void {
    this.#isOpen = false
  }

  /** Returns the kind of agent that holds it. */
  hold(run: HeldSlots): PlaceableKind {
    const place = this.#placeOf(run.agentId, null)
    const { taskId, agentId, fence, slots, memoryBytes } = run
    this.taskIds.add(taskId)
    this.#held.set(taskId, { taskId, agentId, fence, slots, memoryBytes, place })
    place.lastFence = Math.max(place.lastFence, fence)
    place.startsSinceLoad += 1
    this.#busy.set(agentId, taskId)
    this.#memoryHeld += memoryBytes
    place.hold(agentId, slots)
    return place.kind
  }

  /** Returns the kind of agent that held it; null when no run of this task is here. */
  free(taskId: string): PlaceableKind | null {
    const held = this.#held.get(taskId)
    if (held === undefined) return null
    this.#held.delete(taskId)
    this.taskIds.delete(taskId)
    this.#memoryHeld -= held.memoryBytes
    const isFree = this.#busy.get(held.agentId) === taskId
    if (isFree) this.#busy.delete(held.agentId)
    held.place.release(held.agentId, held.slots, isFree)
    return held.place.kind
  }

  /** A run whose agent is gone still counts, against agents of its kind. */
  #placeOf(agentId: string, kind: PlaceableKind | null): Place {
    const [processes, functions] = this.places
    if (processes.has(agentId)) return processes
    return functions.has(agentId) || kind === 'function' ? functions : processes
  }
}
