import type { AgentId } from '../ids.js'
import type { AgentKind } from '../nodes/node.js'
import type { Load, PlaceFacts } from '../placement/strategy.js'
import type { NodeSlots } from './node-slots.js'
import type { Seat } from './pool.js'
import { ResponseTimes } from './response-times.js'

/** Agents that the leader gives tasks to. */
export const placeableKinds = ['process', 'function'] as const satisfies readonly AgentKind[]
export type PlaceableKind = (typeof placeableKinds)[number]

/** The agents of one kind on one node, failed ones left out, and which of them hold a run. */
export class Place implements PlaceFacts {
  readonly node: NodeSlots
  readonly kind: PlaceableKind
  /** Where it stands in each pool that it serves. */
  readonly seats = new Set<Seat>()
  readonly responses = new ResponseTimes()
  lastFence = 0
  startsSinceLoad = 0
  #agents: readonly AgentId[] = []
  readonly #slotOf = new Map<string, number>()
  /** By slot: the newest run of its agent, null = none. */
  #tasks: (string | null)[] = []
  /** Lowest slot whose agent holds no run; as many as there are = none. */
  #lowestIdle = 0
  /** Slots that runs hold. A run of n slots names one agent and takes n − 1 more, whichever they are. */
  #slotsHeld = 0
  #runs = 0

  constructor(node: NodeSlots, kind: PlaceableKind) {
    this.node = node
    this.kind = kind
  }

  get slots(): number {
    return this.#agents.length
  }

  get slotsFree(): number {
    return this.#agents.length - this.#slotsHeld
  }

  get load(): Load | null {
    return this.node.load
  }

  responseMs(type: string): number | null {
    return this.responses.of(type)
  }

  /** Runs held, of whatever size. */
  get runs(): number {
    return this.#runs
  }

  /** Lowest slot whose agent holds no run; `slots` when none is free. */
  get lowestFree(): number {
    return this.slotsFree <= 0 ? this.slots : this.#lowestIdle
  }

  /** Agent of the lowest free slot: the one that a run gets, however many slots it holds. */
  get nextAgent(): AgentId | null {
    return this.#agents[this.lowestFree] ?? null
  }

  /** Other agents than before, in slot order; nothing is held until it is told again. */
  reset(agents: readonly AgentId[]): void {
    this.#agents = agents
    this.#slotOf.clear()
    for (const [slot, agentId] of agents.entries()) this.#slotOf.set(agentId, slot)
    this.#tasks = agents.map(() => null)
    this.#lowestIdle = 0
    this.#slotsHeld = 0
    this.#runs = 0
  }

  /** −1: no agent of this place. */
  slotOf(agentId: string): number {
    return this.#slotOf.get(agentId) ?? -1
  }

  /** The run that the agent of this slot holds. */
  taskAt(slot: number): string | null {
    return this.#tasks[slot] ?? null
  }

  /** `slot`: of its agent; −1 = the agent is gone, and the run counts all the same. */
  hold(taskId: string, slot: number, slots: number): void {
    this.#slotsHeld += slots
    this.#runs += 1
    if (slot < 0) return
    this.#tasks[slot] = taskId
    while (this.#lowestIdle < this.#agents.length && this.#tasks[this.#lowestIdle] !== null)
      this.#lowestIdle += 1
  }

  /** Its agent is free again, unless a later run holds it. */
  release(taskId: string, slot: number, slots: number): void {
    this.#slotsHeld -= slots
    this.#runs -= 1
    if (slot < 0 || this.#tasks[slot] !== taskId) return
    this.#tasks[slot] = null
    if (slot < this.#lowestIdle) this.#lowestIdle = slot
  }
}
