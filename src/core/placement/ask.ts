import type { NodeId } from '../ids.js'
import type { Node } from '../nodes/node.js'
import type { NodeNeeds, TaskSpec } from '../tasks/task.js'
import { needsOf } from '../tasks/terms.js'

/** What a task asks of a node. Tasks that ask the same can go to the same nodes. */
export interface Ask {
  readonly type: string
  /** The named master alone; null = any. */
  readonly workerId: NodeId | null
  readonly needs: NodeNeeds
  /** `needs.labels`, once for all the nodes that are asked. */
  readonly labelPairs: readonly (readonly [name: string, value: string])[]
}

export function askOf(spec: TaskSpec): Ask {
  const needs = needsOf(spec)
  const { workerId } = spec.requirements
  return { type: spec.type, workerId, needs, labelPairs: Object.entries(needs.labels) }
}

/** Equal for equal asks, in whatever order labels and capabilities were given. */
export function askKey(spec: TaskSpec): string {
  const { workerId, needs } = spec.requirements
  const plain = workerId === null ? spec.type : `${spec.type}\n${workerId}`
  if (needs === undefined) return plain
  const { labels, capabilities, gpus, slots, memoryBytes } = needs
  const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))
  return `${plain}\n${JSON.stringify([sorted, [...capabilities].sort(), gpus, slots, memoryBytes])}`
}

/** What a node can lack for an ask, whatever it holds at the moment. */
export type Lack = 'worker' | 'capability' | 'label' | 'gpu'

/** Everything that this node lacks; none = it can run the task once enough slots and memory are free. */
export function lacksOf(node: Pick<Node, 'nodeId' | 'capabilities'>, ask: Ask): readonly Lack[] {
  const { projectTypes, labels, gpus } = node.capabilities
  const { needs } = ask
  const lacks: Lack[] = []
  if (ask.workerId !== null && ask.workerId !== node.nodeId) lacks.push('worker')
  if (!projectTypes.includes(ask.type) || !needs.capabilities.every((one) => projectTypes.includes(one)))
    lacks.push('capability')
  if (!ask.labelPairs.every(([name, value]) => labels[name] === value)) lacks.push('label')
  if (gpus.length < needs.gpus) lacks.push('gpu')
  return lacks
}
