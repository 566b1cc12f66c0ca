import { limits } from '../limits.js'
import { askKey, askOf } from '../placement/ask.js'
import type { Task } from '../tasks/task.js'
import { termsOf } from '../tasks/terms.js'
import type { Entry } from './entry.js'
import { Gate, type GateReason, type GateScope } from './gate.js'
import type { Group } from './group.js'
import { Lanes } from './lanes.js'
import type { NodeSlots } from './node-slots.js'
import type { Place } from './place.js'
import { Pool, type Target } from './pool.js'
import type { Slots } from './slots.js'

/** Why a queued task is not placed. */
export type WaitCause =
  /** Nothing passes this gate at the moment: the outermost closed one of project, capacity and key. */
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
  readonly #lanes = new Lanes()

  constructor(slots: Slots) {
    this.#slots = slots
  }

  get size(): number {
    return this.#entries.size
  }

  /** Gates that are closed, or that tasks wait behind or may soon. */
  get gatesKnown(): number {
    return this.#gates.size
  }

  add(task: Task, sinceSeq: number): void {
    const pool = this.#poolOf(task)
    this.#idle.delete(pool)
    const entry: Entry = {
      taskId: task.taskId,
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
    const candidate = this.#lanes.first
    const target = candidate?.pool.target() ?? null
    if (candidate === null || target === null) return null
    for (const seat of target.place.seats) {
      if (!seat.pool.fitting[target.place.kind].has(seat)) continue
      if (seat.pool.passOver(candidate.band)) this.#lanes.passedOver(seat.pool)
    }
    return { taskId: candidate.entry.taskId, nodeId: target.nodeId, agentId: target.agentId }
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
    const { process, function: functions } = entry.pool.fitting
    if (process.size + functions.size > 0) return { code: 'turn' }
    return { code: 'room', placesKnown: entry.pool.placesKnown }
  }

  /** A node is new, or has other capabilities or agents. */
  nodeChanged(node: NodeSlots): void {
    for (const pool of this.#pools.values()) if (pool.ask.workerId === null) pool.meet(node)
    for (const pool of this.#pinned.get(node.nodeId) ?? []) pool.meet(node)
    for (const place of node.places) this.placeChanged(place)
  }

  /** Room on a node changed. */
  placeChanged(place: Place): void {
    for (const seat of place.seats) {
      if (seat.pool.refresh(seat)) this.#lanes.placesChanged(seat.pool, place.kind)
    }
  }

  /** Closes (or opens, with null) the gate for every task that waits behind it, now and later. */
  setGate(scope: GateScope, value: string, closed: GateReason | null): void {
    const gate = this.#gateOf(scope, value)
    gate.set(closed)
    if (gate.isIdle) this.#dropGate(gate)
  }

  #poolOf({ spec }: Task): Pool {
    const key = askKey(spec)
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const pool = new Pool(key, askOf(spec), (changed, band) => this.#lanes.headChanged(changed, band))
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
    const { capacity, concurrencyKey } = termsOf(task.spec)
    let group = pool.root.child(this.#gateOf('project', task.projectId))
    if (capacity !== null) group = group.child(this.#gateOf('capacity', capacity))
    return concurrencyKey === null ? group : group.child(this.#gateOf('key', concurrencyKey))
  }

  #gateOf(scope: GateScope, value: string): Gate {
    const key = `${scope}\n${value}`
    const known = this.#gates.get(key)
    if (known !== undefined) return known
    const gate = new Gate(scope, value, (idle) => this.#dropGate(idle))
    this.#gates.set(key, gate)
    return gate
  }

  #dropGate(gate: Gate): void {
    if (gate.closed === null) this.#gates.delete(`${gate.scope}\n${gate.value}`)
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
