import type { NodeId, TaskId } from '../ids.js'
import type { AlertKind, StallEvidence } from './alert.js'
import type { AlertRule, RuleKind } from './rules.js'

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
  /** A person takes it on; with `untilMs` it returns then unless its cause is gone. */
  AlertAcked: { readonly reason: string | null; readonly untilMs: number | null }
  /** A person puts it aside until then. */
  AlertShelved: { readonly reason: string; readonly untilMs: number }
  /** Of the cluster: alerts of this kind are raised so from now on. */
  AlertRuleSet: { readonly ruleKind: RuleKind; readonly rule: AlertRule }
  /** The built-in rule holds again. */
  AlertRuleReset: { readonly ruleKind: RuleKind }
  /** It needs a human again: its time aside is over, or somebody took it back. */
  AlertReturned: { readonly cause: 'due' | 'asked' }
}
