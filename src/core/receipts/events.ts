import type { Fence, NodeId, TaskId } from '../ids.js'
import type { AgentSpec } from '../nodes/agent-acts.js'
import type { OtherAction, ReceiptAction, ReceiptState } from './receipt.js'

export interface ReceiptEventBodies {
  /** A command was asked for. Its id is born from this event's seq. */
  CommandIssued: {
    /** null: it is about the node. */
    readonly taskId: TaskId | null
    readonly action: ReceiptAction | OtherAction
    readonly fence: Fence | null
    readonly attempt: number
    readonly nodeId: NodeId | null
    readonly expiresAtMs: number | null
    /** Of create_agent and delete_agent. */
    readonly agent?: AgentSpec
  }
  /** The next step of its receipt. */
  CommandStepped: { readonly state: ReceiptState; readonly detail: string }
}
