import type { JsonObject } from '../json.js'
import type { TaskSpec } from '../tasks/task.js'

/** A scalar that a placeholder stands for. */
export type ParameterValue = string | number | boolean

/** A task that is submitted later: a body of its own, or a template with what it is filled with. */
export type PlannedTask =
  /** As a submit takes it, without `project`, `runAt` and an idempotency key. */
  | { readonly kind: 'body'; readonly body: JsonObject }
  | {
      readonly kind: 'template'
      readonly template: string
      readonly params: Readonly<Record<string, ParameterValue>>
      /** Fields of the body that take the place of the template's. */
      readonly overrides: JsonObject
    }

/** A planned task as the leader's shell made it ready: what to submit, or why it cannot be. */
export type ReadyTask = { readonly spec: TaskSpec; readonly bodyHash: string } | { readonly refusal: string }
