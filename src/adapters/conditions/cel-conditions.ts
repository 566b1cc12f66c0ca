import {
  TypeError as CelTypeError,
  Environment,
  EvaluationError,
  ParseError,
  type ParseResult,
} from '@marcbachmann/cel-js'
import { ControlError } from '../../core/errors.js'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js'
import { limits } from '../../core/limits.js'
import type { Conditions } from '../../ports/conditions.js'
import { faultOf, variables } from './cel-rules.js'

/** Conditions in CEL, the Common Expression Language. Compiled ones are kept, limits.compiledKept of them. */
export class CelConditions implements Conditions {
  readonly #environment = new Environment({
    limits: {
      maxAstNodes: limits.conditionNodesMax,
      maxDepth: limits.conditionDepthMax,
      maxListElements: limits.conditionListMax,
      maxMapEntries: limits.conditionListMax,
      maxCallArguments: 4,
    },
  })
  readonly #compiled = new Map<string, ParseResult>()

  constructor() {
    for (const name of variables) this.#environment.registerVariable(name, 'map<string, dyn>')
  }

  check(condition: string, sample: JsonObject): void {
    const compiled = this.#compile(condition)
    const fault = faultOf(compiled.ast, sample)
    if (fault !== null) throw refusal(fault.message, fault.position)
    const { valid, type, error } = compiled.check()
    if (!valid) throw refusal(error?.summary ?? 'it is wrong', error?.range?.start ?? 0)
    if (type !== 'bool' && type !== 'dyn') throw refusal(`it is of type ${type}, not true or false`, 0)
  }

  holds(condition: string, values: JsonObject): boolean {
    const compiled = this.#compile(condition)
    let verdict: unknown
    try {
      verdict = compiled(celObject(values))
    } catch (thrown) {
      if (thrown instanceof EvaluationError || thrown instanceof CelTypeError)
        throw refusal(thrown.summary, thrown.range?.start ?? 0)
      // A defect of the library must not stand between an event and the other triggers.
      throw refusal(`it cannot be told: ${String(thrown)}`, 0)
    }
    if (typeof verdict === 'boolean') return verdict
    throw refusal('it is neither true nor false', 0)
  }

  #compile(condition: string): ParseResult {
    const known = this.#compiled.get(condition)
    if (known !== undefined) return known
    if (condition.length > limits.conditionLengthMax)
      throw refusal(`it is longer than ${limits.conditionLengthMax} characters`, 0)
    const compiled = this.#parse(condition)
    const [oldest] = this.#compiled.keys()
    if (oldest !== undefined && this.#compiled.size >= limits.compiledKept) this.#compiled.delete(oldest)
    this.#compiled.set(condition, compiled)
    return compiled
  }

  #parse(condition: string): ParseResult {
    try {
      return this.#environment.parse(condition)
    } catch (thrown) {
      if (!(thrown instanceof ParseError)) throw thrown
      const position = thrown.range?.start ?? 0
      const isAssignment = condition[position] === '=' && condition[position + 1] !== '='
      throw refusal(isAssignment ? 'write == to compare' : thrown.summary, position)
    }
  }
}

/** A whole number is an int, as CEL's own literals are; any other number is a double. */
function celValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return (value as readonly Json[]).map(celValue)
  return isJsonObject(value) ? celObject(value) : value
}

function celObject(value: JsonObject): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key !== '__proto__') made[key] = celValue(value[key] ?? null)
  }
  return made
}

function refusal(message: string, position: number): ControlError {
  const sentence = `condition: ${message} (at character ${position + 1})`
  return new ControlError('unprocessable', sentence, { details: { position } })
}
