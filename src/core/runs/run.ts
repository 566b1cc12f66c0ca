import type { AgentId, Fence, NodeId, Seq } from '../ids.js'

export type RunPhase = 'assigned' | 'starting' | 'running' | 'paused' | 'stopping' | 'unknown'

export type StallKind = 'silent' | 'repeated_line' | 'waiting_input'

export interface Stall {
  readonly kind: StallKind
  readonly sinceMs: number
  readonly lines: readonly string[]
}

/** An attempt that is not over: a lease on one agent, identified by its fence. */
export interface Run {
  readonly fence: Fence
  readonly nodeId: NodeId
  readonly agentId: AgentId
  readonly phase: RunPhase
  /** Phase to come back to when its master returns; only while `unknown`. */
  readonly phaseBefore: Exclude<RunPhase, 'unknown'> | null
  readonly assignedAtMs: number
  /** Age of its task in the queue: the seq of the event that queued it. Absent in runs of before there were declines. */
  readonly queuedSeq?: Seq
  /** When that was. */
  readonly queuedAtMs?: number
  readonly startedAtMs: number | null
  readonly pid: number | null
  readonly stall: Stall | null
  /** It is being stopped so that the task goes on elsewhere. */
  readonly moving?: true
}

export type RunOutcome = 'succeeded' | 'exit' | 'spawn_failed' | 'timeout' | 'lost' | 'cancelled'

/** How a run ended, as its master reported it. */
export interface RunEnd {
  readonly outcome: RunOutcome
  readonly exitCode: number | null
  readonly signal: string | null
  /** JSON that the task left in its result file. */
  readonly value: unknown
  readonly tail: string
  readonly message: string | null
  readonly outBytes: number
  readonly errBytes: number
  readonly progress: number | null
  /** How long it ran, when its start was not reported by itself. Absent: as far as it was. */
  readonly ranMs?: number
}
