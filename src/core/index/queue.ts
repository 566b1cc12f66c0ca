import { everyKey } from '../ids.js'
import { limits } from '../limits.js'
import { askKey, askOf } from '../placement/ask.js'

import { defaultPlacement, type PlacementChoice, strategies } from '../placement/choice.js'
import type { Task } from '../tasks/task.js'
import type { Entry } from './entry.js'
import { Gate, type GateReason, type GateScope, gateId } from './gate.js'
import { gatesOf } from './gates-of.js'
import type { Group } from './group.js'
import { Lanes } from './lanes.js'
import type { NodeSlots } from './node-slots.js'
import { type Place, type PlaceableKind, placeableKinds } from './place.js'
import { Pool, type Ranking, type Target } from './pool.js'
import type { Slots } from './slots.js'

/** Why a queued task is not placed. */
export type WaitCause =
  /** Nothing passes this gate at the moment: the first closed one of project, capacity, key and kind of agent. */
  | { readonly code: 'gate'; readonly scope: GateScope; readonly value: string; readonly reason: GateReason }
  /** No master that has what it asks has room; `placesKnown` = 0: no master has it. */
  | { readonly code: 'room'; readonly placesKnown: number }
  /** It may go and there is room: others go first. */
  | { readonly code: 'turn' }

/** Which task goes where. */
export interface Placement extends Pick<Target, 'nodeId' | 'agentId'> {
  readonly taskId: string
}

/**
 * Queued tasks, by what they ask of a node and which gates they pass. Within a band the higher priority goes first,
 * then the older one; a band that was passed over limits.bandStarvationMax times, where a task of it could have gone,
 * goes next. Adding, removing and placing cost O(log n) in tasks and nodes, times the pools that the node serves.
 */
export class TaskQueue {
  readonly #slots: Slots
  readonly #entries = new Map<string, Entry>()
  readonly #pools = new Map<string, Pool>()
  /** Pools of tasks that name this master. */
  readonly #pinned = new Map<string, Set<Pool>>()
  /** Pools for any master without a task, oldest first: the next task of the same kind finds its nodes. */
  readonly #idle = new Set<Pool>()
  readonly #gates = new Map<string, Gate>()
  readonly #ranking: Ranking = {
    strategy: strategies[defaultPlacement.strategy],
    weights: defaultPlacement.weights,
  }
  readonly #lanes = new Lanes()
  /** Asked when a gate is new, and by `gateChanged`. */
  readonly #closedOf: (scope: GateScope, value: string) => GateReason | null
  /** Kinds of agents that get nothing at the moment. */
  readonly #closedKinds = new Map<PlaceableKind, GateReason>()

  constructor(slots: Slots, closedOf: (scope: GateScope, value: string) => GateReason | null) {
    this.#slots = slots
    this.#closedOf = closedOf
  }

  get size(): number {
    return this.#entries.size
  }

  /** Gates that tasks wait behind, or may soon. */
  get gatesKnown(): number {
    return this.#gates.size
  }

  add(task: Task, sinceSeq: number): void {
    const pool = this.#poolOf(task)
    this.#idle.delete(pool)
    const entry: Entry = {
      taskId: task.taskId,
      spec: task.spec,
      priority: task.spec.priority,
      sinceSeq,
      pool,
      group: this.#groupOf(pool, task),
      gone: false,
    }
    this.#entries.set(task.taskId, entry)
    entry.group.add(entry)
  }

  remove(taskId: string): void {
    const entry = this.#entries.get(taskId)
    if (entry === undefined) return
    this.#entries.delete(taskId)
    entry.group.remove(entry)
    if (entry.pool.isEmpty) this.#rest(entry.pool)
  }

  /** The task to place next and where it goes; null when none fits. It is counted as placed, and not removed. */
  next(): Placement | null {
    const candidate = this.#lanes.first(this.#closedKinds)
    const target = candidate?.pool.target(candidate.entry.spec, this.#closedKinds) ?? null
    if (candidate === null || target === null) return null
    for (const seat of target.place.seats) {
      if (!seat.pool.fitting[target.place.kind].has(seat)) continue
      if (seat.pool.passOver(candidate.band)) this.#lanes.passedOver(seat.pool)
    }
    return { taskId: candidate.entry.taskId, nodeId: target.nodeId, agentId: target.agentId }
  }

  /** What a queued task asks of a node, with the key that tasks which ask the same share. */
  askOf(taskId: string): Pick<Pool, 'ask' | 'key'> | null {
    return this.#entries.get(taskId)?.pool ?? null
  }

  reasonOf(taskId: string): WaitCause | null {
    const entry = this.#entries.get(taskId)
    if (entry === undefined) return null
    let cause: WaitCause | null = null
    for (let group: Group | null = entry.group; group !== null; group = group.parent) {
      const { gate } = group
      if (gate === null || gate.closed === null) continue
      cause = { code: 'gate', scope: gate.scope, value: gate.value, reason: gate.closed }
    }
    if (cause !== null) return cause
    let isRoom = false
    for (const kind of placeableKinds) {
      if (entry.pool.fitting[kind].size === 0) continue
      const reason = this.#closedKinds.get(kind)
      if (reason === undefined) return { code: 'turn' }
      isRoom = true
      cause ??= { code: 'gate', scope: 'agentKind', value: kind, reason }
    }
    return isRoom && cause !== null ? cause : { code: 'room', placesKnown: entry.pool.placesKnown }
  }

  /** A node is new, or has other capabilities or agents. */
  nodeChanged(node: NodeSlots): void {
    for (const pool of this.#pools.values()) if (pool.ask.workerId === null) this.#meet(pool, node)
    for (const pool of this.#pinned.get(node.nodeId) ?? []) this.#meet(pool, node)
    for (const place of node.places) this.placeChanged(place)
  }

  #meet(pool: Pool, node: NodeSlots): void {
    for (const kind of pool.meet(node)) this.#lanes.placesChanged(pool, kind)
  }

  /** Room on a node changed. */
  placeChanged(place: Place): void {
    for (const seat of place.seats) {
      if (seat.pool.refresh(seat)) this.#lanes.placesChanged(seat.pool, place.kind)
    }
  }

  /** From now on places are chosen so; what is placed stays. Costs O(pools × places). */
  choosePlaces({ strategy, weights }: PlacementChoice): void {
    this.#ranking.strategy = strategies[strategy]
    this.#ranking.weights = weights
    for (const pool of this.#pools.values()) for (const seat of pool.seats) pool.refresh(seat)
  }

  /** What passes may be other than before. */
  gateChanged(scope: GateScope, value: string): void {
    if (scope === 'agentKind') this.#kindChanged(value)
    else if (scope === 'key' && value === everyKey) {
      for (const gate of this.#gates.values()) if (gate.scope === 'key') this.#ask(gate)
    } else {
      const gate = this.#gates.get(gateId(scope, value))
      if (gate !== undefined) this.#ask(gate)
    }
  }

  #ask(gate: Gate): void {
    gate.set(this.#closedOf(gate.scope, gate.value))
  }

  #kindChanged(value: string): void {
    const kind = placeableKinds.find((one) => one === value)
    if (kind === undefined) return
    const closed = this.#closedOf('agentKind', kind)
    if (closed === null) this.#closedKinds.delete(kind)
    else this.#closedKinds.set(kind, closed)
  }

  #poolOf({ spec }: Task): Pool {
    const key = askKey(spec)
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const pool = new Pool(key, askOf(spec), this.#ranking, (changed, band) =>
      this.#lanes.headChanged(changed, band),
    )
    this.#pools.set(key, pool)
    const { workerId } = pool.ask
    if (workerId !== null) {
      const pinned = this.#pinned.get(workerId) ?? new Set()
      this.#pinned.set(workerId, pinned.add(pool))
    }
    for (const node of workerId === null ? this.#slots.all : this.#slots.only(workerId)) pool.meet(node)
    for (const seat of pool.seats) pool.refresh(seat)
    return pool
  }

  #groupOf(pool: Pool, task: Task): Group {
    let group = pool.root
    for (const { scope, value } of gatesOf(task)) group = group.child(this.#gateOf(scope, value))
    return group
  }

  #gateOf(scope: GateScope, value: string): Gate {
    const id = gateId(scope, value)
    const known = this.#gates.get(id)
    if (known !== undefined) return known
    const gate = new Gate(scope, value, () => this.#gates.delete(id))
    this.#gates.set(id, gate)
    this.#ask(gate)
    return gate
  }

  /** A pool without tasks: one for a named master is found again at once, another one has to ask every node. */
  #rest(pool: Pool): void {
    pool.rest()
    const { workerId } = pool.ask
    if (workerId !== null) {
      const pinned = this.#pinned.get(workerId)
      pinned?.delete(pool)
      if (pinned?.size === 0) this.#pinned.delete(workerId)
      this.#drop(pool)
      return
    }
    this.#idle.add(pool)
    if (this.#idle.size <= limits.poolsIdleKept) return
    const [oldest] = this.#idle
    if (oldest === undefined) return
    this.#idle.delete(oldest)
    this.#drop(oldest)
  }

  #drop(pool: Pool): void {
    this.#pools.delete(pool.key)
    pool.leave()
  }
}
