import type { CommandId, Fence, NodeId, ProjectId, Seq, TaskId } from '../ids.js'
import type { AgentSpec } from '../nodes/agent-acts.js'

/** What can be done to a task. */
export type ReceiptAction = 'pause' | 'resume' | 'cancel' | 'retry'
export type ReceiptState =
  | 'sent'
  | 'received'
  | 'acting'
  | 'stopped'
  | 'killed'
  | 'done'
  | 'refused'
  | 'expired'

export interface ReceiptStep {
  readonly state: ReceiptState
  readonly atMs: number
  readonly detail: string
}

/** What the leader does to a run by itself, and what is done to a node. */
export type OtherAction = 'move' | 'restart' | 'drain' | 'create_agent' | 'delete_agent'

/** A command on a task, or on a node (then `taskId` is null), and how far it got. Held, with what it wants, until it is final. */
export interface Receipt {
  readonly kind: 'receipt'
  readonly commandId: CommandId
  readonly projectId: ProjectId | null
  readonly taskId: TaskId | null
  readonly action: ReceiptAction | OtherAction
  /** The agent that is to be made or to go. */
  readonly agent?: AgentSpec
  /** The run it acts on; null when the task had none. */
  readonly fence: Fence | null
  readonly attempt: number
  readonly nodeId: NodeId | null
  readonly state: ReceiptState
  /** The first is `sent`. */
  readonly steps: readonly [ReceiptStep, ...ReceiptStep[]]
  /** After this it must not start; null = it waits as long as it takes. */
  readonly expiresAtMs: number | null
  readonly seq: Seq
}

/** Whose open receipts it is among: its task's, or its node's. No task has such an id. */
export const subjectOf = ({ taskId, nodeId }: Pick<Receipt, 'taskId' | 'nodeId'>): string =>
  taskId ?? nodeSubject(nodeId ?? '')
export const nodeSubject = (nodeId: string): string => `node:${nodeId}`

const finalReceiptStates: ReadonlySet<ReceiptState> = new Set([
  'stopped',
  'killed',
  'done',
  'refused',
  'expired',
])
export const isFinal = (receipt: Receipt): boolean => finalReceiptStates.has(receipt.state)
