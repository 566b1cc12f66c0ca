import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import type { EventDraft } from '../event.js'
import type { ProjectId } from '../ids.js'
import type { Schedule } from '../schedules/schedule.js'
import type { Entity, EntityOf, State } from '../state.js'
import type { Template } from '../templates/template.js'
import type { Trigger, TriggerOn } from '../triggers/trigger.js'
import { DueHeap } from './due.js'

/** What makes tasks by itself or on demand, under a name. */
export type Plan = Schedule | Template | Trigger
export type PlanKind = Plan['kind']

const nameKey = (kind: PlanKind, projectId: string, name: string): string => `${kind}\n${projectId}\n${name}`

/** Plans by name, slots by time, triggers by what they look at. */
export class PlanIndex {
  /** Slots, by the wall clock: a step of it moves none. Entries of a slot that is dealt with are told apart when due. */
  readonly slots = new DueHeap()
  readonly #idByName = new Map<string, string>()
  readonly #counts: Record<PlanKind, number> = { schedule: 0, template: 0, trigger: 0 }
  readonly #triggers: Record<TriggerOn, Set<string>> = {
    task_finished: new Set(),
    alert_raised: new Set(),
    node_joined: new Set(),
  }

  count(kind: PlanKind): number {
    return this.#counts[kind]
  }

  idOf(kind: PlanKind, projectId: string, name: string): string | undefined {
    return this.#idByName.get(nameKey(kind, projectId, name))
  }

  /** Triggers that look at this and are not paused, oldest first. */
  triggersOn(on: TriggerOn): ReadonlySet<string> {
    return this.#triggers[on]
  }

  get activeTriggers(): number {
    const { task_finished, alert_raised, node_joined } = this.#triggers
    return task_finished.size + alert_raised.size + node_joined.size
  }

  changed(before: Plan | undefined, after: Plan): void {
    if (before === undefined) this.#counts[after.kind] += 1
    if (before !== undefined) this.#idByName.delete(keyOf(before))
    if (after.deleted) this.#counts[after.kind] -= 1
    else this.#idByName.set(keyOf(after), planId(after))
    if (after.kind === 'trigger') this.#triggerChanged(before, after)
    const isNewSlot =
      after.kind === 'schedule' && (before as Schedule | undefined)?.nextAtMs !== after.nextAtMs
    if (isNewSlot && after.nextAtMs !== null) {
      this.slots.push({ atMs: after.nextAtMs, kind: 'schedule', id: after.scheduleId })
    }
  }

  #triggerChanged(before: Plan | undefined, after: Trigger): void {
    if (before?.kind === 'trigger' && before.definition.on !== after.definition.on)
      this.#triggers[before.definition.on].delete(before.triggerId)
    const looking = this.#triggers[after.definition.on]
    if (after.paused || after.deleted) looking.delete(after.triggerId)
    else looking.add(after.triggerId)
  }
}

export function planId(plan: Plan): string {
  switch (plan.kind) {
    case 'schedule':
      return plan.scheduleId
    case 'template':
      return plan.templateId
    case 'trigger':
      return plan.triggerId
  }
}

const keyOf = (plan: Plan): string => nameKey(plan.kind, plan.projectId, plan.definition.name)

/** The plan with this id, or with this name in the project; throws not_found. */
export function findPlan<Kind extends PlanKind>(
  state: State,
  kind: Kind,
  ref: string,
  projectId: string | null,
): EntityOf[Kind] {
  const plans: ReadonlyMap<string, EntityOf[Kind]> = state.tables[kind]
  const project = projectId ?? 'default'
  const plan = plans.get(ref) ?? plans.get(state.index.plans.idOf(kind, project, ref) ?? '')
  if (plan !== undefined) return plan
  throw new ControlError('not_found', `there is no ${kind} "${ref}" in project ${project}`)
}

/** Throws name_conflict when another plan of this kind and project has the name. */
export function mayBeNamed(
  state: State,
  kind: PlanKind,
  definition: { readonly name: string; readonly projectId: ProjectId },
  ownId?: string,
): void {
  const { name, projectId } = definition
  const holder = state.index.plans.idOf(kind, projectId, name)
  if (holder === undefined || holder === ownId) return
  throw new ControlError(
    'name_conflict',
    `project ${projectId} has a ${kind} "${name}" already: change that one, or choose another name`,
    { details: { id: holder } },
  )
}

/** What was looked up for a plan is void: it was changed before its turn came. */
export const changedMeanwhile = (name: string): ControlError =>
  new ControlError('unavailable', `"${name}" was changed at the same time; try again`)

/** Names the plan: the one that the first draft bears, or `id`. */
export const planAnswer = (plan: PlanKind, drafts: readonly EventDraft[], id?: string): Decision => ({
  drafts,
  answer: (events) => ({ kind: 'plan', plan, id: id ?? events[0]?.entity.id ?? '' }),
})

/** By project and name. */
export function plansOf(state: State, kind: PlanKind): readonly Plan[] {
  const plans: readonly Plan[] = [...state.tables[kind].values()]
  return [...plans].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

export const isPlan = (entity: Entity): entity is Plan =>
  entity.kind === 'schedule' || entity.kind === 'template' || entity.kind === 'trigger'
