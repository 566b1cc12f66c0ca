import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { asCommandId, type CommandId, type NodeId } from '../ids.js'
import type { Command, NodeAction } from '../input.js'
import { limits } from '../limits.js'
import { stepReceipt } from '../receipts/decide.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import type { Task } from '../tasks/task.js'
import { aboutNode } from './decide.js'
import type { Node } from './node.js'

type ControlNode = Extract<Command, { name: 'control_node' }>

/** [ND1] [ND2] [ND4] Cordon, drain and uncordon: what is so already makes no event. */
export function decideControlNode(state: State, command: ControlNode, nowMs: number): Decision {
  const node = state.node(command.nodeId)
  if (node === undefined) throw new ControlError('worker_not_found', `there is no master ${command.nodeId}`)
  const acts: Readonly<Record<NodeAction, () => Decision>> = {
    cordon: () => answering(node, node.hold === undefined ? [nodeEvent(node, 'NodeCordoned')] : []),
    uncordon: () => answering(node, uncordon(state, node)),
    drain: () => drain(state, node, command.deadlineMs === null ? null : nowMs + command.deadlineMs),
  }
  return acts[command.action]()
}

const nodeEvent = (node: Node, type: 'NodeCordoned' | 'NodeDrained' | 'NodeUncordoned'): EventDraft =>
  draft(type, aboutNode(node.nodeId), {})

const answering = (node: Node, drafts: readonly EventDraft[]): Decision => ({
  drafts,
  answer: () => ({ kind: 'node', nodeId: node.nodeId }),
})

function uncordon(state: State, node: Node): readonly EventDraft[] {
  if (node.hold === undefined) return []
  const receipt = node.hold.kind === 'draining' ? state.receipt(node.hold.commandId) : undefined
  return [
    nodeEvent(node, 'NodeUncordoned'),
    ...(receipt === undefined
      ? []
      : [stepReceipt(receipt, 'refused', 'it was uncordoned before it was empty')]),
  ]
}

/** One drain at a time: asked again, it is the same, with the newer deadline. */
function drain(state: State, node: Node, deadlineAtMs: number | null): Decision {
  const { hold } = node
  if (hold?.kind === 'draining') {
    const { commandId } = hold
    const isSame = deadlineAtMs === null || deadlineAtMs === hold.deadlineAtMs
    return {
      drafts: isSame ? [] : [draft('NodeDraining', aboutNode(node.nodeId), { commandId, deadlineAtMs })],
      answer: () => ({ kind: 'receipt', commandId }),
    }
  }
  // The receipt is born by the first draft, so its id is known before the event is.
  const commandId = asCommandId(`c${(state.headSeq + 1).toString(32)}`)
  const running = state.index.slots.runsOn(node.nodeId)
  const about = { kind: 'receipt' as const, id: commandId, projectId: null }
  const detail = `${running === 1 ? '1 task runs' : `${running} tasks run`} there`
  return {
    drafts: [
      issued(node.nodeId),
      draft('CommandStepped', about, { state: 'acting', detail }),
      draft('NodeDraining', aboutNode(node.nodeId), { commandId, deadlineAtMs }),
    ],
    answer: () => ({ kind: 'receipt', commandId }),
  }
}

function issued(nodeId: NodeId): EventDraft {
  const body = { taskId: null, action: 'drain', fence: null, attempt: 0, nodeId, expiresAtMs: null } as const
  return draft('CommandIssued', { kind: 'receipt', id: born, projectId: null }, body)
}

/** [ND2] A node that drains and holds nothing is drained. */
export function drainedIfEmpty(state: State, nodeId: NodeId): readonly EventDraft[] {
  const node = state.node(nodeId)
  if (node?.hold?.kind !== 'draining' || state.index.slots.runsOn(nodeId) > 0) return []
  return [nodeEvent(node, 'NodeDrained'), ...drainDone(state, node.hold.commandId)]
}

function drainDone(state: State, commandId: CommandId): readonly EventDraft[] {
  const receipt = state.receipt(commandId)
  return receipt === undefined ? [] : [stepReceipt(receipt, 'done', 'nothing runs there any more')]
}

/**
 * [ND3] The deadline of a drain passed: what still runs is stopped there, to go on elsewhere. At most
 * limits.drainMovesPerTurn runs at once; the rest a moment later.
 */
export function decideDrainDeadline(state: State, nodeId: string, nowMs: number): readonly EventDraft[] {
  const node = state.node(nodeId)
  if (node?.hold?.kind !== 'draining') return []
  const { deadlineAtMs } = node.hold
  if (deadlineAtMs === null || deadlineAtMs > nowMs) return []
  const left = [...state.index.slots.tasksOn(nodeId)]
    .sort()
    .flatMap((taskId) => state.task(taskId) ?? [])
    .filter(isToMove)
  if (left.length > limits.drainMovesPerTurn) {
    state.index.due.push({ atMs: nowMs + 1, kind: 'drain', id: nodeId })
  }
  return left.slice(0, limits.drainMovesPerTurn).flatMap(move)
}

const isToMove = (task: Task): boolean =>
  task.state.phase === 'live' && task.state.run.moving !== true && task.cancelledBy === null

function move(task: Task): readonly EventDraft[] {
  if (task.state.phase !== 'live') return []
  const { fence, nodeId } = task.state.run
  const { taskId, projectId } = task
  const { attempt } = task.state
  const body = { taskId, action: 'move', fence, attempt, nodeId, expiresAtMs: null } as const
  return [
    draft('CommandIssued', { kind: 'receipt', id: born, projectId }, body),
    draft('RunMoving', aboutTask(task), { fence }),
  ]
}
