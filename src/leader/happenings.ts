import { alertContext, nodeContext, taskContext } from '../contract/trigger-context.js'
import type { LogEvent } from '../core/event.js'
import type { Json, JsonObject } from '../core/json.js'
import { isJsonObject } from '../core/json.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { TriggerEvent } from '../core/triggers/looks-at.js'
import type { TriggerOn } from '../core/triggers/trigger.js'
import type { Views } from '../ports/store.js'

/** An event as triggers see it. */
export interface Happening {
  readonly on: TriggerOn
  /** null = of no project: every project's triggers see it. */
  readonly projectId: string | null
  /** Triggers in a row that led to it. */
  readonly depth: number
  readonly context: JsonObject
}

/** What triggers see of events. Tasks that are retired from memory are read from the views. */
export class Happenings {
  readonly #state: State
  readonly #views: Pick<Views, 'task'>

  constructor(options: { readonly state: State; readonly views: Pick<Views, 'task'> }) {
    this.#state = options.state
    this.#views = options.views
  }

  /** null: what it happened to is not kept any more. */
  async of(event: TriggerEvent): Promise<Happening | null> {
    switch (event.type) {
      case 'TaskFinished': {
        const task = await this.task(event.entity.id)
        if (task === null) return null
        return this.#made('task_finished', event, depthOf(task), { task: taskContext(endedAt(task, event)) })
      }
      case 'AlertRaised': {
        const { id } = event.entity
        const task = event.body.taskId === null ? null : await this.task(event.body.taskId)
        return this.#made('alert_raised', event, task === null ? 0 : depthOf(task), {
          alert: alertContext(id, event.body),
        })
      }
      case 'NodeRegistered': {
        const node = nodeContext(event.entity.id, event.body.joined ?? 'new', event.body)
        return this.#made('node_joined', event, 0, { node })
      }
    }
  }

  async task(taskId: string): Promise<Task | null> {
    return this.#state.task(taskId) ?? this.#views.task(taskId)
  }

  #made(on: TriggerOn, event: LogEvent, depth: number, about: JsonObject): Happening {
    const { projectId, seq, atMs } = event
    return { on, projectId, depth, context: { event: { on, seq, at: atMs, project: projectId }, ...about } }
  }
}

const depthOf = (task: Task): number => task.spec.origin?.trigger?.depth ?? 0

/** The task as it ended then, although another attempt of it may have been opened since. */
function endedAt(task: Task, event: Extract<TriggerEvent, { type: 'TaskFinished' }>): Task {
  const { outcome, why } = event.body
  const { state } = task
  if (state.phase === 'final' && state.completedAtMs === event.atMs && state.outcome === outcome) return task
  const past = task.past.filter(({ endedAtMs }) => endedAtMs <= event.atMs)
  const attempt = past.at(-1)?.attempt ?? 1
  return { ...task, past, state: { phase: 'final', attempt, outcome, completedAtMs: event.atMs, why } }
}

/** What a placeholder stands for, `task.result.exitCode`; undefined = there is nothing. */
export function valueAt(context: JsonObject, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((at, name) => {
    if (Array.isArray(at)) return (at as readonly Json[])[Number(name)]
    return isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, context)
}
