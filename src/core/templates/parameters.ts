import { ControlError } from '../errors.js'
import type { ParameterValue } from './planned-task.js'
import type { Parameter } from './template.js'

const empty: Readonly<Record<Parameter['type'], ParameterValue>> = { string: '', number: 0, boolean: false }

/** [TP2] The value of every parameter. Throws `unprocessable`, naming it, for one that is unknown, missing or wrong. */
export function valuesOf(
  parameters: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, ParameterValue>>,
): ReadonlyMap<string, ParameterValue> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(parameters, name)) continue
    const known = Object.keys(parameters).sort().join(', ')
    throw refused(
      name,
      `there is no parameter "${name}"; ${known === '' ? 'there are none' : `known: ${known}`}`,
    )
  }
  return new Map(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      Object.hasOwn(given, name) ? checked(name, parameter, given[name]) : unnamed(name, parameter),
    ]),
  )
}

function checked(
  name: string,
  { type, enum: allowed }: Parameter,
  value: ParameterValue | undefined,
): ParameterValue {
  if (typeof value !== type || value === undefined)
    throw refused(name, `parameter "${name}" is a ${type}, not ${JSON.stringify(value)}`)
  if (allowed !== null && !allowed.includes(value))
    throw refused(
      name,
      `parameter "${name}" is one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
    )
  return value
}

function unnamed(name: string, parameter: Parameter): ParameterValue {
  if (parameter.default !== null) return parameter.default
  if (parameter.required) throw refused(name, `parameter "${name}" (${parameter.type}) is missing`)
  return empty[parameter.type]
}

const refused = (name: string, message: string): ControlError =>
  new ControlError('unprocessable', message, { details: { parameter: name } })
