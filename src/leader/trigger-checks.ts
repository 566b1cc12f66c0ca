import { alertContext, nodeContext, taskContext, triggerSamples } from '../contract/trigger-context.js'
import { ControlError } from '../core/errors.js'
import { isJsonObject, type Json, type JsonObject } from '../core/json.js'
import type { State } from '../core/state.js'
import { placeholdersOf } from '../core/templates/fill.js'
import type { TriggerDefinition, TriggerSubject } from '../core/triggers/trigger.js'
import type { Conditions } from '../ports/conditions.js'
import type { Views } from '../ports/store.js'
import { checkBody, checkPlaceholders } from './plan-checks.js'
import type { ReadyTasks } from './ready-tasks.js'

/** [TG6] Throws `unprocessable` for a trigger that could never be judged, or whose task could never be one. */
export function checkTrigger(
  { on, condition, task, projectId }: TriggerDefinition,
  { conditions, ready }: { readonly conditions: Conditions; readonly ready: ReadyTasks },
): void {
  const sample = triggerSamples[on]
  if (condition !== '') conditions.check(condition, sample)
  const places = { sampleOf: (path: string) => sampleAt(sample, path), known: pathsOf(sample).join(', ') }
  if (task.kind === 'body') {
    checkBody(task.body, places)
    return
  }
  const { params, overrides } = task
  checkPlaceholders({ params, ...overrides }, places)
  // What a user put into the task may be of any type: of that, only an event can tell whether it fits.
  const isOpen = placeholdersOf(params).some(({ name }) => isOpenPath(sample, name))
  const making = { projectId, idempotencyKey: null, origin: {}, valueFor: places.sampleOf }
  if (isOpen) ready.template(task.template, projectId)
  else ready.of(task, making)
}

/** Below null, an empty object or a list: whatever a user put there. */
const isOpenValue = (value: Json | undefined): boolean =>
  value === null || Array.isArray(value) || (isJsonObject(value) && Object.keys(value).length === 0)

function isOpenPath(sample: JsonObject, path: string): boolean {
  let at: Json | undefined = sample
  for (const name of path.split('.')) {
    if (isOpenValue(at)) return true
    at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return isOpenValue(at)
}

/** A value of the kind that a path will have; undefined = there never is one. */
function sampleAt(sample: JsonObject, path: string): Json | undefined {
  if (isOpenPath(sample, path)) return 'text'
  return path.split('.').reduce<Json | undefined>((at, name) => {
    return isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, sample)
}

const pathsOf = (sample: JsonObject): readonly string[] =>
  Object.entries(sample).flatMap(([root, fields]) =>
    isJsonObject(fields) ? Object.keys(fields).map((name) => `${root}.${name}`) : [],
  )

/** Tries a condition on something that is there, as it is now. */
export async function verdictOn(
  { condition, subject }: { readonly condition: string; readonly subject: TriggerSubject },
  sources: { readonly state: State; readonly views: Pick<Views, 'task'>; readonly conditions: Conditions },
): Promise<{ readonly holds: boolean; readonly error: string | null; readonly context: JsonObject }> {
  const { conditions } = sources
  const context = await contextOf(subject, sources)
  if (condition === '') return { holds: true, error: null, context }
  conditions.check(condition, triggerSamples[subject.on])
  try {
    return { holds: conditions.holds(condition, context), error: null, context }
  } catch (thrown) {
    if (thrown instanceof ControlError) return { holds: false, error: thrown.message, context }
    throw thrown
  }
}

async function contextOf(
  { on, id }: TriggerSubject,
  { state, views }: { readonly state: State; readonly views: Pick<Views, 'task'> },
): Promise<JsonObject> {
  switch (on) {
    case 'task_finished': {
      const task = state.task(id) ?? (await views.task(id))
      if (task === null) throw new ControlError('task_not_found', `there is no task ${id}`)
      return { event: eventOf(on, task, state, task.projectId), task: taskContext(task) }
    }
    case 'alert_raised': {
      const alert = state.tables.alert.get(id)
      if (alert === undefined) throw new ControlError('alert_not_found', `there is no alert ${id}`)
      return { event: eventOf(on, alert, state, alert.projectId), alert: alertContext(id, alert) }
    }
    case 'node_joined': {
      const node = state.tables.node.get(id)
      if (node === undefined) throw new ControlError('worker_not_found', `there is no master ${id}`)
      return { event: eventOf(on, node, state, null), node: nodeContext(id, 'new', node) }
    }
  }
}

const eventOf = (on: string, entity: { readonly seq: number }, state: State, project: string | null) => ({
  on,
  seq: entity.seq,
  at: state.lastAtMs,
  project,
})
