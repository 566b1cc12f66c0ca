import type { Node } from '../nodes/node.js'
import type { Load } from '../placement/strategy.js'
import type { Decline } from '../tasks/task.js'
import { everything, type HeldSlots, NodeSlots } from './node-slots.js'
import type { Place, PlaceableKind } from './place.js'

/** Told of every change of what fits where. */
export interface SlotsWatcher {
  /** Runs held by agents of this kind: as many more. */
  runsChanged(kind: PlaceableKind, by: 1 | -1): void

  nodeChanged(node: NodeSlots): void
  placeChanged(place: Place): void
}

const none: readonly string[] = []

/** What every node has, and what its runs hold of it. */
export class Slots {
  readonly #nodes = new Map<string, NodeSlots>()
  readonly #watcher: SlotsWatcher

  constructor(watcher: SlotsWatcher) {
    this.#watcher = watcher
  }

  get all(): Iterable<NodeSlots> {
    return this.#nodes.values()
  }

  only(nodeId: string): readonly NodeSlots[] {
    const node = this.#nodes.get(nodeId)
    return node === undefined ? [] : [node]
  }

  setNode(node: Node): void {
    const slots = this.#nodeOf(node.nodeId)
    for (const { from, to } of slots.set(node)) {
      this.#watcher.runsChanged(from, -1)
      this.#watcher.runsChanged(to, 1)
    }
    this.#watcher.nodeChanged(slots)
  }

  /** A new leader gives nothing to a node before its stream is open: it may never come back. */
  closeAll(): void {
    for (const node of this.#nodes.values()) {
      node.close()
      this.#roomChanged(node)
    }
  }

  isOpen(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.isOpen === true
  }

  hold(nodeId: string, run: HeldSlots): void {
    const node = this.#nodeOf(nodeId)
    this.#watcher.runsChanged(node.hold(run), 1)
    this.#roomChanged(node)
  }

  free(nodeId: string, taskId: string): void {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return
    const kind = node.free(taskId)
    if (kind === null) return
    this.#watcher.runsChanged(kind, -1)
    this.#roomChanged(node)
  }

  /** [OF2] It is not offered what asks the same until then, unless it changes. */
  declined(decline: Decline, key: string): void {
    const node = this.#nodeOf(decline.nodeId)
    // It changed since.
    if (node.node !== null && node.node.seq > decline.seq) return
    node.decline(decline.code === 'leaving' ? everything : key, decline)
    this.#roomChanged(node)
  }

  declinesOver(nodeId: string, atMs: number): void {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return
    node.declinesOver(atMs)
    this.#roomChanged(node)
  }

  shift(byMs: number): void {
    for (const node of this.#nodes.values()) node.shift(byMs)
  }

  /** Kind of agent that holds, or would hold, a run by this name. */
  kindOf(nodeId: string, agentId: string): PlaceableKind {
    return this.#nodeOf(nodeId).kindOf(agentId)
  }

  /** A newer sample of the machine. */
  setLoad(nodeId: string, load: Load): void {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return
    node.load = load
    for (const place of node.places) place.startsSinceLoad = 0
    this.#roomChanged(node)
  }

  /** A live run of this type took so long here; it is to be freed next, which ranks the node anew. */
  took(nodeId: string, taskId: string, type: string, ms: number): void {
    this.#nodes.get(nodeId)?.placeOf(taskId)?.responses.add(type, ms)
  }

  taskOf(nodeId: string, agentId: string): string | null {
    return this.#nodes.get(nodeId)?.taskOf(agentId) ?? null
  }

  /** Tasks with a live run on this node, in no particular order. */
  tasksOn(nodeId: string): Iterable<string> {
    return this.#nodes.get(nodeId)?.taskIds ?? none
  }

  /** How many those are. */
  runsOn(nodeId: string): number {
    return this.#nodes.get(nodeId)?.runs ?? 0
  }

  #nodeOf(nodeId: string): NodeSlots {
    const known = this.#nodes.get(nodeId)
    if (known !== undefined) return known
    const node = new NodeSlots(nodeId)
    this.#nodes.set(nodeId, node)
    return node
  }

  /** Memory is the node's, so that a run of either kind of agent changes what fits on both. */
  #roomChanged(node: NodeSlots): void {
    for (const place of node.staffed) this.#watcher.placeChanged(place)
  }
}
