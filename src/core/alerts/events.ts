import type { NodeId, TaskId } from '../ids.js'
import type { AlertKind, StallEvidence } from './alert.js'

export interface AlertEventBodies {
  AlertRaised: {
    readonly alertKind: AlertKind
    readonly level: 'error' | 'warning'
    readonly message: string
    readonly taskId: TaskId | null
    readonly nodeId: NodeId | null
    readonly evidence: StallEvidence | null
  }
  AlertCleared: { readonly reason: string }
}
