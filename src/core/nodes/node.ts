import type { AgentId, CommandId, NodeId, Seq } from '../ids.js'

export type NodeStatus = 'online' | 'deaf' | 'unknown' | 'offline'

/** How a master came: for the first time, as another process, or back from being offline. */
export type NodeJoin = 'new' | 'restarted' | 'returned'

export type AgentKind = 'process' | 'function' | 'browser' | 'claude' | 'acp' | 'mcp' | 'service'

/** An executor hosted by a master. Idle, busy and offline are derived, never stored. */
export interface Agent {
  readonly agentId: AgentId
  readonly kind: AgentKind
  readonly failed: boolean
  readonly windowId: string | null
  readonly accountIdx: number | null
  readonly createdAtMs: number
}

export interface Capabilities {
  readonly os: string
  readonly arch: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly gpus: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly projectTypes: readonly string[]
  readonly slots: number
  readonly host: string
}

/** Why a node that is well gets no work: a person took it out. It outlives restarts of the node and of the leader. */
export type NodeHold = {
  /** Who asked. */
  readonly by: string
  readonly sinceMs: number
} & (
  | { readonly kind: 'cordoned' }
  /** It is to become empty. From `deadlineAtMs` on (null = never) what still runs is moved. */
  | { readonly kind: 'draining'; readonly commandId: CommandId; readonly deadlineAtMs: number | null }
  /** It became empty. */
  | { readonly kind: 'drained' }
)

/** A process that was silent and was back, so that it had only been cut off. */
export interface NodeReturn {
  readonly incarnation: number
  readonly atMs: number
}

/** A master as a member of the cluster. */
export interface Node {
  readonly kind: 'node'
  readonly nodeId: NodeId
  readonly incarnation: number
  readonly version: string
  readonly url: string | null
  readonly capabilities: Capabilities
  readonly agents: readonly Agent[]
  readonly status: NodeStatus
  readonly statusSinceMs: number
  readonly registeredAtMs: number
  /** When a process of it last came back from a silence, the newest first, at most limits.uplinkIncarnationsKept. */
  readonly returns?: readonly NodeReturn[]
  /** Absent: it may get work. */
  readonly hold?: NodeHold
  /** It took its agents away itself, so it is about to go. */
  readonly leaving?: true
  /** Seq of its last change. */
  readonly seq: Seq
}

/**
 * Where a node's durable updates stand, folded from the `origin` of every event, so that any leader resumes the
 * stream and drops repeats. Newest incarnations first, at most limits.uplinkIncarnationsKept.
 */
export interface Uplink {
  readonly kind: 'uplink'
  readonly nodeId: NodeId
  readonly incarnations: readonly { readonly incarnation: number; readonly seq: number }[]
  readonly seq: Seq
}
