import type { CommandId } from '../ids.js'
import type { Agent, Capabilities, NodeJoin, NodeStatus } from './node.js'

export interface NodeEventBodies {
  /** A master opened a stream: new, restarted or returned. It is online from here. */
  NodeRegistered: {
    readonly incarnation: number
    readonly version: string
    readonly url: string | null
    readonly capabilities: Capabilities
    readonly agents: readonly Agent[]
    /** Absent: it is the process that was there a moment ago, after a cut of its link or with other agents. */
    readonly joined?: NodeJoin
    readonly leaving?: true
  }
  NodeStatusChanged: { readonly status: NodeStatus; readonly reason: string }
  /** `leaving`: the master itself took all of them away. Without it, somebody made or deleted some. */
  NodeAgentsChanged: { readonly agents: readonly Agent[]; readonly leaving?: true }
  /** It gets no new work until it is uncordoned; what runs there goes on. */
  NodeCordoned: Record<string, never>
  /** Cordoned, and to become empty: the receipt of this command says when. From `deadlineAtMs` on its runs are moved. */
  NodeDraining: { readonly commandId: CommandId; readonly deadlineAtMs: number | null }
  /** A node that is draining holds nothing any more. */
  NodeDrained: Record<string, never>
  NodeUncordoned: Record<string, never>
  /** A durable update that changed nothing but must be acked (a repeat, a stale report). */
  NodeUplinkSeen: { readonly note: string }
}
