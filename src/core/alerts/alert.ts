import type { AlertId, NodeId, ProjectId, Seq, TaskId } from '../ids.js'

export type AlertKind =
  | 'stall'
  | 'offline'
  | 'deaf'
  | 'quarantined'
  /** Of the fleet: too many tasks wait, too many fail. */
  | 'backlog'
  | 'failures'
  /** Of a master that has too little left. */
  | 'cpu'
  | 'memory'
  | 'disk'
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

/** Who took an alert on or put it aside, why, and until when. */
export interface AlertHandling {
  readonly by: string
  readonly atMs: number
  /** null: none was given, which only an acknowledgement may do. */
  readonly reason: string | null
  /** The alert returns then, Unix ms; null = it does not return by itself. */
  readonly untilMs: number | null
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
  /** Absent: nobody took it on. Of one that is over: how it stood at its end. */
  readonly handling?: AlertHandling
  /** When it last came back from being acknowledged or shelved, Unix ms; absent = it never did. */
  readonly returnedAtMs?: number
  readonly seq: Seq
}
