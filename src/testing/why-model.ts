import type { Node } from '../core/nodes/node.js'
import { askKey } from '../core/placement/ask.js'
import type { Task } from '../core/tasks/task.js'
import { needsOf } from '../core/tasks/terms.js'
import type { WaitCode } from '../core/why/wait-reason.js'
import type { Rules } from './core-fixture.js'

interface Condition {
  readonly code: WaitCode
  readonly holds: (node: Node) => boolean
}

/** What a node must fulfil to take the task now, the gravest first, read off entities and the log alone. */
function conditions({ state, log, nowMs }: Rules, task: Task): readonly Condition[] {
  const { type } = task.spec
  const { labels, capabilities, gpus, slots, memoryBytes } = needsOf(task.spec)
  const runsOn = (node: Node): readonly Task[] =>
    [...state.tables.task.values()].filter(
      (one) => one.state.phase === 'live' && one.state.run.nodeId === node.nodeId,
    )
  const held = (node: Node, what: 'slots' | 'memoryBytes'): number =>
    runsOn(node).reduce((sum, one) => sum + needsOf(one.spec)[what], 0)
  const hasSlots = (node: Node): boolean => node.agents.length >= slots
  const hasMemory = (node: Node): boolean => memoryBytes === 0 || node.capabilities.memoryBytes >= memoryBytes
  const hasDeclined = (node: Node): boolean =>
    log.some(
      (event) =>
        event.type === 'RunDeclined' &&
        event.body.nodeId === node.nodeId &&
        event.seq > node.seq &&
        event.body.untilMs > nowMs &&
        askKey(state.task(event.entity.id)?.spec ?? task.spec) === askKey(task.spec),
    )
  return [
    {
      code: 'no_capability',
      holds: ({ capabilities: has }) =>
        [type, ...capabilities].every((one) => has.projectTypes.includes(one)),
    },
    { code: 'no_capability', holds: (node) => node.capabilities.gpus.length >= gpus },
    {
      code: 'no_label',
      holds: (node) =>
        Object.entries(labels).every(([name, value]) => node.capabilities.labels[name] === value),
    },
    { code: 'no_slot', holds: hasSlots },
    { code: 'no_memory', holds: hasMemory },
    { code: 'worker_offline', holds: (node) => node.status === 'online' },
    { code: 'cordoned', holds: (node) => node.hold === undefined },
    { code: 'no_memory', holds: (node) => !hasDeclined(node) },
    {
      code: 'no_slot',
      holds: (node) => !hasSlots(node) || node.agents.length - held(node, 'slots') >= slots,
    },
    {
      code: 'no_memory',
      holds: (node) =>
        memoryBytes === 0 ||
        !hasMemory(node) ||
        node.capabilities.memoryBytes - held(node, 'memoryBytes') >= memoryBytes,
    },
  ]
}

/** Why a queued task waits, by asking every master: narrowed down by one condition after the other. */
export function whyByHand(
  rules: Rules,
  task: Task,
): { readonly code: WaitCode; readonly nearest: object | null } {
  const { workerId } = task.spec.requirements
  const known = [...rules.state.tables.node.values()]
  const asked = conditions(rules, task)
  let left = known.filter((node) => workerId === null || node.nodeId === workerId)
  for (const { holds } of asked) {
    const good = left.filter(holds)
    if (good.length > 0) left = good
  }
  const [nearest] = left.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))
  if (nearest === undefined) return { code: 'worker_offline', nearest: null }
  const lacks = asked.flatMap(({ code, holds }) => (holds(nearest) ? [] : code))
  const [code = 'no_slot'] = lacks
  return { code, nearest: { workerId: nearest.nodeId, lacks: [...new Set(lacks)] } }
}
