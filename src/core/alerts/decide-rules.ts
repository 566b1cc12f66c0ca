import { type Decision, done } from '../decision.js'
import { draft, type EventDraft } from '../event.js'
import type { Command } from '../input.js'
import type { State } from '../state.js'
import {
  type AlertRule,
  type AlertRuleWish,
  builtInRules,
  type RuleKind,
  ruleKinds,
  ruleOf,
} from './rules.js'

type SetRules = Extract<Command, { name: 'set_alert_rules' }>

const cluster = { kind: 'cluster' as const, id: 'cluster', projectId: null }

/** [AL7] What is given changes, null is the built-in rule again, and what is so already makes no event. All or nothing. */
export function decideSetAlertRules(state: State, { rules }: SetRules, nowMs: number): Decision {
  const drafts = ruleKinds.flatMap((kind) => changeOf(state, kind, rules[kind]))
  // Seen in this very turn, so that an alert whose rule is off is gone when the caller is answered.
  if (drafts.length > 0) state.index.due.push({ atMs: nowMs, kind: 'alert_rule', id: '' })
  return done(drafts)
}

function changeOf(
  state: State,
  kind: RuleKind,
  wish: AlertRuleWish | null | undefined,
): readonly EventDraft[] {
  if (wish === undefined) return []
  const known = ruleOf(state, kind)
  const builtIn = builtInRules[kind]
  const next = wish === null ? builtIn : changed(known, wish)
  if (isSame(next, known)) return []
  if (isSame(next, builtIn)) return [draft('AlertRuleReset', cluster, { ruleKind: kind })]
  return [draft('AlertRuleSet', cluster, { ruleKind: kind, rule: next })]
}

function changed(known: AlertRule, { on, above, forMs }: AlertRuleWish): AlertRule {
  return { on: on ?? known.on, above: above ?? known.above, forMs: forMs ?? known.forMs }
}

const isSame = (a: AlertRule, b: AlertRule): boolean =>
  a.on === b.on && a.above === b.above && a.forMs === b.forMs
