import type { AgentId, NodeId } from '../ids.js'
import type { AgentKind, Node } from '../nodes/node.js'
import type { QueueClass } from './queue.js'

/** Agents that the leader gives tasks to. */
const placeable: ReadonlySet<AgentKind> = new Set(['process', 'function'])

interface NodeSlots {
  readonly nodeId: NodeId
  readonly open: boolean
  /** A person took it out. */
  readonly held: boolean
  readonly types: ReadonlySet<string>
  /** Agents in slot order, failed ones left out. */
  readonly agents: readonly AgentId[]
}

/** Which agents hold a run, and which is free next. */
export class Slots {
  readonly #nodes = new Map<string, NodeSlots>()
  /** Sorted by node id, so that placement never depends on Map order. */
  #order: NodeSlots[] = []
  /** Task by agent and node: an agent's name counts on its own node only. */
  readonly #busy = new Map<string, Map<string, string>>()
  /** Live runs per node, to skip full nodes fast. */
  readonly #held = new Map<string, Set<string>>()

  setNode(node: Node): void {
    const slots: NodeSlots = {
      nodeId: node.nodeId,
      open: node.status === 'online',
      held: node.hold !== undefined,
      types: new Set(node.capabilities.projectTypes),
      agents: node.agents
        .filter((agent) => !agent.failed && placeable.has(agent.kind))
        .map((agent) => agent.agentId),
    }
    const known = this.#nodes.get(node.nodeId)
    this.#nodes.set(node.nodeId, slots)
    if (known === undefined) this.#order = [...this.#order, slots].sort(byNodeId)
    else this.#order[this.#order.indexOf(known)] = slots
  }

  /** A new leader gives nothing to a node before its stream is open: it may never come back. */
  closeAll(): void {
    for (const [position, slots] of this.#order.entries()) {
      const closed = { ...slots, open: false }
      this.#nodes.set(slots.nodeId, closed)
      this.#order[position] = closed
    }
  }

  isOpen(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.open === true
  }

  hold(nodeId: string, agentId: string, taskId: string): void {
    const busy = this.#busy.get(nodeId) ?? new Map<string, string>()
    busy.set(agentId, taskId)
    this.#busy.set(nodeId, busy)
    const held = this.#held.get(nodeId) ?? new Set()
    held.add(taskId)
    this.#held.set(nodeId, held)
  }

  free(nodeId: string, agentId: string, taskId: string): void {
    if (this.taskOf(nodeId, agentId) === taskId) this.#busy.get(nodeId)?.delete(agentId)
    this.#held.get(nodeId)?.delete(taskId)
  }

  taskOf(nodeId: string, agentId: string): string | null {
    return this.#busy.get(nodeId)?.get(agentId) ?? null
  }

  /** Tasks with a live run on this node, in no particular order. */
  tasksOn(nodeId: string): ReadonlySet<string> {
    return this.#held.get(nodeId) ?? new Set()
  }

  canPlace(about: QueueClass): boolean {
    return this.#candidates(about).some((slots) => this.#freeSlot(slots, about) !== null)
  }

  /** First fit by slot: the lowest free slot number over all nodes, ties by node id. */
  firstFit(about: QueueClass): { nodeId: NodeId; agentId: AgentId } | null {
    let best: { nodeId: NodeId; agentId: AgentId; slot: number } | null = null
    for (const slots of this.#candidates(about)) {
      const slot = this.#freeSlot(slots, about)
      if (slot === null || (best !== null && slot >= best.slot)) continue
      const agentId = slots.agents[slot]
      if (agentId !== undefined) best = { nodeId: slots.nodeId, agentId, slot }
      if (slot === 0) break
    }
    return best
  }

  /** Every node, or the named one alone, so that a thousand named ones cost as much as one. */
  #candidates({ workerId }: QueueClass): readonly NodeSlots[] {
    if (workerId === null) return this.#order
    const named = this.#nodes.get(workerId)
    return named === undefined ? [] : [named]
  }

  #freeSlot(slots: NodeSlots, about: QueueClass): number | null {
    if (!slots.open || slots.held || !slots.types.has(about.type)) return null
    if ((this.#held.get(slots.nodeId)?.size ?? 0) >= slots.agents.length) return null
    const busy = this.#busy.get(slots.nodeId)
    const slot = slots.agents.findIndex((agentId) => busy?.has(agentId) !== true)
    return slot === -1 ? null : slot
  }
}

const byNodeId = (a: NodeSlots, b: NodeSlots): number => (a.nodeId < b.nodeId ? -1 : 1)
