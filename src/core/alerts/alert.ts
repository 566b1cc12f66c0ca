import type { AlertId, NodeId, ProjectId, Seq, TaskId } from '../ids.js'

export type AlertKind = 'stall' | 'offline' | 'deaf' | 'quarantined'
export type AlertState = 'raised' | 'acked' | 'shelved' | 'cleared'

export interface ProcessEvidence {
  readonly pid: number
  readonly parentPid: number
  readonly command: string
  readonly state: string
  readonly cpuMs: number
  readonly memoryBytes: number
}

/** What the stall watch saw, so that a person (and Claude) can judge without a shell. */
export interface StallEvidence {
  readonly lines: readonly string[]
  readonly processes: readonly ProcessEvidence[]
  readonly cpuCores: number
  readonly waitingFor: string
}

/** Something that needs a human now. Grouped by its root: one per (kind, task or node) at a time. */
export interface Alert {
  readonly kind: 'alert'
  readonly alertId: AlertId
  readonly alertKind: AlertKind
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly state: AlertState
  readonly projectId: ProjectId | null
  readonly taskId: TaskId | null
  readonly nodeId: NodeId | null
  readonly evidence: StallEvidence | null
  readonly raisedAtMs: number
  readonly changedAtMs: number
  readonly seq: Seq
}
