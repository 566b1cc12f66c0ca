import type { Agent, Capabilities, NodeStatus } from './node.js'

export interface NodeEventBodies {
  /** A master opened a stream: new, restarted or returned. It is online from here. */
  NodeRegistered: {
    readonly incarnation: number
    readonly version: string
    readonly url: string | null
    readonly capabilities: Capabilities
    readonly agents: readonly Agent[]
  }
  NodeStatusChanged: { readonly status: NodeStatus; readonly reason: string }
  NodeAgentsChanged: { readonly agents: readonly Agent[] }
  /** A durable update that changed nothing but must be acked (a repeat, a stale report). */
  NodeUplinkSeen: { readonly note: string }
}
