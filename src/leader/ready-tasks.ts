import { toTaskSpec } from '../contract/catalogue.js'
import { ControlError } from '../core/errors.js'
import type { Json, JsonObject } from '../core/json.js'
import type { State } from '../core/state.js'
import type { TaskOrigin } from '../core/tasks/task.js'
import { fill } from '../core/templates/fill.js'
import { valuesOf } from '../core/templates/parameters.js'
import type { ParameterValue, PlannedTask, ReadyTask } from '../core/templates/planned-task.js'
import type { Template } from '../core/templates/template.js'
import type { Random } from '../ports/random.js'

export interface MakingOf {
  readonly projectId: string
  readonly idempotencyKey: string | null
  readonly origin: TaskOrigin
  /** What placeholders stand for that are not a template's own; null = there are none. */
  readonly valueFor: ((name: string) => Json | undefined) | null
}

/** Makes planned tasks ready to be submitted. Rejects with ControlError what can never be a task. */
export class ReadyTasks {
  readonly #state: State
  readonly #random: Random

  constructor(options: { readonly state: State; readonly random: Random }) {
    this.#state = options.state
    this.#random = options.random
  }

  of(planned: PlannedTask, making: MakingOf): Exclude<ReadyTask, { readonly refusal: string }> {
    const { projectId, idempotencyKey, valueFor } = making
    const mine = <T extends JsonObject>(value: T): T =>
      valueFor === null ? value : (fill(value, valueFor) as T)
    const { body, origin } =
      planned.kind === 'body'
        ? { body: mine(planned.body), origin: making.origin }
        : this.#fromTemplate(
            { ...planned, params: mine(planned.params), overrides: mine(planned.overrides) },
            making,
          )
    const { spec } = toTaskSpec({ ...body, project: projectId }, idempotencyKey)
    const made = { ...spec, origin }
    return { spec: made, bodyHash: this.#random.sha256(JSON.stringify({ projectId, ...made })) }
  }

  /** By its name in the project, or its id. Throws `unprocessable` when there is none. */
  template(name: string, projectId: string): Template {
    const id = this.#state.index.plans.idOf('template', projectId, name) ?? name
    const known = this.#state.tables.template.get(id)
    if (known !== undefined) return known
    throw new ControlError(
      'unprocessable',
      `there is no template "${name}" in project ${projectId}: create it first`,
      { details: { template: name } },
    )
  }

  #fromTemplate(planned: Extract<PlannedTask, { kind: 'template' }>, making: MakingOf) {
    const { templateId, version, definition } = this.template(planned.template, making.projectId)
    const values = valuesOf(definition.parameters, planned.params as Readonly<Record<string, ParameterValue>>)
    const body = { ...fill(definition.task, (name) => values.get(name)), ...planned.overrides }
    const template = { templateId, name: definition.name, version }
    return { body, origin: { ...making.origin, template } }
  }
}
