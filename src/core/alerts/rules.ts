import type { State } from '../state.js'
import type { Alert, AlertKind } from './alert.js'

/** Kinds of alerts that a rule decides about. What crashed the leader (`quarantined`) is always told. */
export type RuleKind = Exclude<AlertKind, 'quarantined'>

/** When alerts of a kind are raised. */
export interface AlertRule {
  readonly on: boolean
  /** What must be exceeded: tasks (`backlog`, `failures`) or a fraction (`cpu`, `memory`, `disk`); null = nothing is measured. */
  readonly above: number | null
  /** For how long without a break, of `failures` within how long, ms; null = at once. */
  readonly forMs: number | null
}

const minuteMs = 60_000
const atOnce: AlertRule = { on: true, above: null, forMs: null }

/** [AL7] What holds unless somebody says otherwise. Backlog and CPU are as the alerts for Prometheus have them. */
export const builtInRules: Readonly<Record<RuleKind, AlertRule>> = {
  offline: atOnce,
  deaf: atOnce,
  stall: atOnce,
  backlog: { on: true, above: 100, forMs: 10 * minuteMs },
  failures: { on: true, above: 20, forMs: 10 * minuteMs },
  cpu: { on: true, above: 0.8, forMs: 5 * minuteMs },
  memory: { on: true, above: 0.9, forMs: 5 * minuteMs },
  disk: { on: true, above: 0.9, forMs: 5 * minuteMs },
}

/** In the order in which they are shown. */
export const ruleKinds = Object.keys(builtInRules) as readonly RuleKind[]

/** What masters measure and rules judge. */
export const measures = ['cpu', 'memory', 'disk'] as const
export type Measure = (typeof measures)[number]
/** Too little room and failures in numbers are errors; what only slows work down is a warning. */
export const levelOf = (kind: AlertKind): Alert['level'] =>
  kind === 'stall' || kind === 'backlog' || kind === 'cpu' || kind === 'memory' ? 'warning' : 'error'

export const ruleOf = (state: State, kind: RuleKind): AlertRule =>
  state.cluster?.alertRules?.[kind] ?? builtInRules[kind]

export const isSwitchedOff = (state: State, kind: AlertKind): boolean =>
  kind !== 'quarantined' && !ruleOf(state, kind).on

/** What is to change in a rule. */
export interface AlertRuleWish {
  readonly on?: boolean | undefined
  readonly above?: number | undefined
  readonly forMs?: number | undefined
}
