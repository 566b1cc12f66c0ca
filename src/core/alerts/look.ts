import { type Decision, done } from '../decision.js'
import type { EventDraft } from '../event.js'
import { type NodeId, nodeIdOf } from '../ids.js'
import { alertRoot } from '../index/indexes.js'
import type { Command } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import { clearAlert } from './clear.js'
import { raise } from './raise.js'
import { type AlertRule, isSwitchedOff, type Measure, measures, ruleOf } from './rules.js'

type Look = Extract<Command, { name: 'look_at_alerts' }>

/** [AL8] What masters measured since the last look, and how much waits and failed, against the rules. */
export function decideLook(state: State, { loads }: Look, nowMs: number): Decision {
  const drafts: EventDraft[] = []
  for (const [nodeId, load] of loads)
    for (const kind of measures) {
      if (drafts.length >= limits.alertsPerLook) break
      drafts.push(...judgeMeasure(state, { kind, nodeId: nodeIdOf(nodeId), value: load[kind] }, nowMs))
    }
  return done([...drafts, ...lookAtFleet(state, nowMs)])
}

/** [AL8] A time is over for which a rule wanted to see its measure exceeded; `root` '' = a rule was changed. */
export function decideRuleDue(state: State, root: string, nowMs: number): readonly EventDraft[] {
  const end = root.indexOf(':')
  const kind = root.slice(0, Math.max(0, end))
  const nodeId = root.slice(end + 1)
  if (nodeId === '') return lookAtFleet(state, nowMs)
  const value = state.index.alertWatch.valueOf(root)
  const isKnown = kind === 'cpu' || kind === 'memory' || kind === 'disk'
  if (!isKnown || value === null) return []
  return judgeMeasure(state, { kind, nodeId: nodeIdOf(nodeId), value }, nowMs)
}

const lookAtFleet = (state: State, nowMs: number): readonly EventDraft[] => [
  ...judgeBacklog(state, nowMs),
  ...judgeFailures(state, nowMs),
  ...clearSwitchedOff(state),
]

interface Measured {
  readonly kind: Measure
  readonly nodeId: NodeId
  readonly value: number
}

function judgeMeasure(state: State, { kind, nodeId, value }: Measured, nowMs: number): EventDraft[] {
  const rule = ruleOf(state, kind)
  const node = state.node(nodeId)
  const root = alertRoot(kind, nodeId)
  // What a master that is away said last is not how it is.
  if (!rule.on || node === undefined || node.status === 'offline' || node.status === 'unknown') {
    state.index.alertWatch.below(root)
    return []
  }
  const percent = `${Math.round(value * 100)} %`
  const isOver = hasLasted(state, { root, rule, value }, nowMs)
  if (isOver === 'below') return clearAlert(state, root, `${kind} of ${nodeId} is at ${percent}`)
  if (isOver === 'for a while') return []
  const allowed = `${Math.round((rule.above ?? 0) * 100)} %`
  return raise(
    state,
    nodeId,
    kind,
    `${nodeId} uses ${percent} of its ${words[kind]}, ${lasting(rule)}more than ${allowed}`,
  )
}

const words: Readonly<Record<Measure, string>> = { cpu: 'CPU', memory: 'memory', disk: 'disk' }

function judgeBacklog(state: State, nowMs: number): EventDraft[] {
  const rule = ruleOf(state, 'backlog')
  const value = state.index.queue.size
  const root = alertRoot('backlog', '')
  const isOver = hasLasted(state, { root, rule, value }, nowMs)
  if (isOver === 'below') return clearAlert(state, root, tasks(value, 'wait'))
  if (isOver === 'for a while') return []
  return raise(
    state,
    null,
    'backlog',
    `${tasks(value, 'wait')} for a master, ${lasting(rule)}more than ${rule.above}`,
  )
}

function judgeFailures(state: State, nowMs: number): EventDraft[] {
  const rule = ruleOf(state, 'failures')
  const value = state.index.failures.within(nowMs, rule.forMs ?? 0)
  const root = alertRoot('failures', '')
  if (!rule.on || value <= (rule.above ?? 0))
    return clearAlert(state, root, `${tasks(value, 'failed')} within ${timeText(rule)}`)
  // Failures grow old without anything happening.
  lookAgain(state, '', nowMs + limits.failureBucketMs, nowMs)
  return raise(
    state,
    null,
    'failures',
    `${tasks(value, 'failed')} within ${timeText(rule)}, more than ${rule.above}`,
  )
}

/** Whether a measure is above its rule, and for long enough. Remembers since when, and comes back when it may be. */
function hasLasted(
  state: State,
  { root, rule, value }: { readonly root: string; readonly rule: AlertRule; readonly value: number },
  nowMs: number,
): 'below' | 'for a while' | 'long enough' {
  const { alertWatch } = state.index
  if (!rule.on || value <= (rule.above ?? 0)) {
    alertWatch.below(root)
    return 'below'
  }
  const overAtMs = alertWatch.above(root, value, nowMs) + (rule.forMs ?? 0)
  if (overAtMs <= nowMs) return 'long enough'
  lookAgain(state, root.endsWith(':') ? '' : root, overAtMs, nowMs)
  return 'for a while'
}

/** All that is of the fleet has one entry, '', so that nothing is judged twice before it is folded. */
function lookAgain(state: State, id: string, atMs: number, nowMs: number): void {
  if (state.index.alertWatch.wants(id, atMs, nowMs)) state.index.due.push({ atMs, kind: 'alert_rule', id })
}

/** [AL7] Alerts of a kind that nobody wants to hear of any more; the rest of many with the next look. */
function clearSwitchedOff(state: State): EventDraft[] {
  const drafts: EventDraft[] = []
  for (const [root, alertId] of state.index.openAlert) {
    if (drafts.length >= limits.alertsPerLook) break
    const alert = state.alert(alertId)
    if (alert === undefined || !isSwitchedOff(state, alert.alertKind)) continue
    // Cleared by their own judgement, with what they are at.
    if (alert.alertKind === 'backlog' || alert.alertKind === 'failures') continue
    drafts.push(...clearAlert(state, root, `the rule ${alert.alertKind} was switched off`))
  }
  return drafts
}

/** Of a master that went away, what it measured says nothing any more. */
export const clearMeasures = (state: State, nodeId: string): EventDraft[] =>
  measures.flatMap((kind) => clearAlert(state, alertRoot(kind, nodeId), `${nodeId} is offline`))

const lasting = (rule: AlertRule): string => (rule.forMs === 0 ? '' : `for ${timeText(rule)} `)

/** `1 task waits`, `2 tasks wait`. */
function tasks(count: number, what: 'wait' | 'failed'): string {
  if (count !== 1) return `${count} tasks ${what}`
  return what === 'wait' ? '1 task waits' : '1 task failed'
}

function timeText({ forMs }: AlertRule): string {
  const s = (forMs ?? 0) / 1000
  return s < 120 ? `${s} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`
}
