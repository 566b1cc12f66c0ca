import type { LogEvent, Via } from '../event.js'
import type { JsonObject } from '../json.js'

/** What people configure and the history of configuration tells. */
export const configKinds = [
  'placement',
  'retention',
  'limit',
  'alert_rule',
  'schedule',
  'template',
  'trigger',
  'hold',
] as const
export type ConfigKind = (typeof configKinds)[number]

export const configActs = ['created', 'changed', 'paused', 'resumed', 'removed', 'reset'] as const
export type ConfigAct = (typeof configActs)[number]

/** One change of configuration, told by its event alone: what was before is whatever the one before it left. */
export interface ConfigEvent {
  readonly seq: number
  readonly atMs: number
  readonly kind: ConfigKind
  /** Of the limit, plan or master; the rule's kind; `placement`, `retention`. */
  readonly id: string
  readonly act: ConfigAct
  readonly by: string
  readonly via: Via
  readonly projectId: string | null
  /** Fields that have these values from now on; null = it is gone, or as built in again. */
  readonly patch: JsonObject | null
}

type About = Pick<ConfigEvent, 'kind' | 'id' | 'act'> & { readonly patch: object | null }

/** null: the event changes no configuration. Schedules that fire and triggers that look do not. */
export function configEventOf(event: LogEvent): ConfigEvent | null {
  const about = aboutOf(event)
  if (about === null) return null
  const { seq, atMs, actor, projectId } = event
  const by = actor.onBehalfOf ?? actor.principalId
  const { kind, id, act } = about
  return { seq, atMs, kind, id, act, by, via: actor.via, projectId, patch: about.patch as JsonObject | null }
}

function aboutOf(event: LogEvent): About | null {
  const { id } = event.entity
  switch (event.type) {
    case 'PlacementChosen':
      return { kind: 'placement', id: 'placement', act: 'changed', patch: event.body }
    case 'RetentionChosen':
      return { kind: 'retention', id: 'retention', act: 'changed', patch: event.body }
    case 'AlertRuleSet':
      return { kind: 'alert_rule', id: event.body.ruleKind, act: 'changed', patch: event.body.rule }
    case 'AlertRuleReset':
      return { kind: 'alert_rule', id: event.body.ruleKind, act: 'reset', patch: null }
    case 'LimitSet':
      return { kind: 'limit', id, act: 'changed', patch: event.body }
    case 'LimitPaused':
      return { kind: 'limit', id, act: 'paused', patch: { paused: true } }
    case 'LimitResumed':
      return { kind: 'limit', id, act: 'resumed', patch: { paused: false } }
    case 'LimitRemoved':
      return { kind: 'limit', id, act: 'removed', patch: null }
    case 'NodeCordoned':
      return { kind: 'hold', id, act: 'changed', patch: { hold: 'cordoned', deadlineAtMs: null } }
    case 'NodeDraining':
      return {
        kind: 'hold',
        id,
        act: 'changed',
        patch: { hold: 'draining', deadlineAtMs: event.body.deadlineAtMs },
      }
    case 'NodeUncordoned':
      return { kind: 'hold', id, act: 'removed', patch: null }
    default:
      return aboutPlan(event)
  }
}

/** Of schedules, templates and triggers. */
function aboutPlan(event: LogEvent): About | null {
  const { kind, id } = event.entity
  if (kind !== 'schedule' && kind !== 'template' && kind !== 'trigger') return null
  switch (event.type) {
    case 'ScheduleCreated':
    case 'TemplateCreated':
    case 'TriggerCreated':
      return { kind, id, act: 'created', patch: event.body.definition }
    case 'ScheduleUpdated':
    case 'TemplateUpdated':
    case 'TriggerUpdated':
      return { kind, id, act: 'changed', patch: event.body.definition }
    case 'SchedulePaused':
    case 'TriggerPaused':
      return { kind, id, act: 'paused', patch: { paused: true } }
    case 'ScheduleResumed':
    case 'TriggerResumed':
      return { kind, id, act: 'resumed', patch: { paused: false } }
    case 'ScheduleDeleted':
    case 'TemplateDeleted':
    case 'TriggerDeleted':
      return { kind, id, act: 'removed', patch: null }
    default:
      return null
  }
}
