import type { JsonObject } from '../core/json.js'

/**
 * Conditions over what happened: expressions that cannot take long, whatever they are given. They have no loops in loops,
 * no regular expressions, and a limited size (limits.conditionLengthMax, limits.conditionNodesMax).
 */
export interface Conditions {
  /**
   * Throws ControlError `unprocessable` with `details.position` (characters from 0) for what is no condition over these
   * variables. `sample` has every field that there may be; below null, an empty object or a list, anything goes.
   */
  check(condition: string, sample: JsonObject): void
  /** Whether it holds. Throws ControlError `unprocessable` when it cannot be told: a field is not there, a type is wrong. */
  holds(condition: string, values: JsonObject): boolean
}
