import type { Receipt } from '../core/receipts/receipt.js'
import type { Run } from '../core/runs/run.js'
import type { Task } from '../core/tasks/task.js'
import { needsOf } from '../core/tasks/terms.js'
import type { AgentSignal, ControlSignal, TaskRequest, WantedCommand } from '../ports/node-link.js'

/** The desired state of one assignment, as its master is told. Made from state alone, so any leader says the same. */
export function taskRequest(task: Task, run: Run): TaskRequest {
  const { spec } = task
  return {
    kind: 'task_request',
    taskId: task.taskId,
    attempt: task.state.attempt,
    fence: run.fence,
    agentId: run.agentId,
    projectId: task.projectId,
    name: spec.name,
    type: spec.type,
    payloadJson: JSON.stringify(spec.payload),
    timeoutMs: spec.requirements.timeout,
    stallAfterMs: spec.stallAfterMs,
    leaseClass: spec.leaseClass,
    onDisconnect: spec.onDisconnect,
    idempotencyKey: spec.idempotencyKey ?? task.taskId,
    traceId: task.traceId,
    inputsJson: inputsJson(task),
    memoryBytes: needsOf(spec).memoryBytes,
  }
}

function inputsJson({ inputs }: Task): string {
  if (inputs === undefined || inputs.length === 0) return ''
  return JSON.stringify(Object.fromEntries(inputs.map(({ taskId, ...result }) => [taskId, result])))
}

/** The signal of a command that acts on a run or its node; null for one that the leader does by itself (retry, drain). */
export function signalOf(receipt: Receipt): Exclude<WantedCommand, TaskRequest> | null {
  if (receipt.action === 'restart') return { kind: 'restart', commandId: receipt.commandId }
  if (receipt.action === 'create_agent' || receipt.action === 'delete_agent') return agentSignal(receipt)
  if (receipt.taskId === null || receipt.fence === null) return null
  if (receipt.action === 'retry' || receipt.action === 'drain') return null
  return {
    kind: 'control',
    commandId: receipt.commandId,
    action: receipt.action === 'move' ? 'cancel' : receipt.action,
    taskId: receipt.taskId,
    attempt: receipt.attempt,
    fence: receipt.fence,
    deadlineMs: receipt.expiresAtMs ?? 0,
  }
}

function agentSignal({ commandId, action, agent }: Receipt): AgentSignal | null {
  if (agent === undefined) return null
  const { agentId, kind: agentKind, accountIdx } = agent
  const act = action === 'create_agent' ? 'create' : 'delete'
  return { kind: 'agent', commandId, action: act, agentId, agentKind, accountIdx }
}

/** Stops a run that no task claims any more; nobody waits for its receipt. */
export function stopOrphan(run: {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
}): ControlSignal {
  const { taskId, attempt, fence } = run
  return {
    kind: 'control',
    commandId: `stop-${fence}`,
    action: 'cancel',
    taskId,
    attempt,
    fence,
    deadlineMs: 0,
  }
}
