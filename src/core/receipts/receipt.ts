import type { CommandId, Fence, NodeId, ProjectId, Seq, TaskId } from '../ids.js'

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

/** A command on a task and how far it got. Held, with what it wants, until it is final. */
export interface Receipt {
  readonly kind: 'receipt'
  readonly commandId: CommandId
  readonly projectId: ProjectId
  readonly taskId: TaskId
  readonly action: ReceiptAction
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

const finalReceiptStates: ReadonlySet<ReceiptState> = new Set([
  'stopped',
  'killed',
  'done',
  'refused',
  'expired',
])
export const isFinal = (receipt: Receipt): boolean => finalReceiptStates.has(receipt.state)
