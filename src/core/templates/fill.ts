import { ControlError } from '../errors.js'
import { isJsonObject, type Json, type JsonObject } from '../json.js'

/** `$${` is `${` itself; `${name}` stands for a value. */
const pieces = /\$\$\{|\$\{(?<name>[^{}]*)\}/g
const whole = /^\$\{(?<name>[^{}]*)\}$/

/** A placeholder and where it stands. */
export interface Placeholder {
  readonly name: string
  readonly path: readonly (string | number)[]
}

/**
 * The body with its placeholders filled in. One that is a text of its own takes the value as it is, of any type; inside
 * of a longer text it takes the words of a string, number or boolean. Keys are never touched, and no value is read for
 * placeholders again. Throws `unprocessable` for a value that is missing or does not fit.
 */
export function fill(body: JsonObject, valueFor: (name: string) => Json | undefined): JsonObject {
  const valueAt = (name: string): Json => {
    const value = valueFor(name)
    if (value !== undefined) return value
    throw new ControlError('unprocessable', `there is no value for \${${name}}`, { details: { name } })
  }
  return mapObject(body, (text) => fillText(text, valueAt))
}

function fillText(text: string, valueAt: (name: string) => Json): Json {
  const only = whole.exec(text)?.groups?.name
  if (only !== undefined) return valueAt(only)
  return text.replace(pieces, (piece, name: string | undefined) => {
    if (name === undefined || piece === '$${') return '${'
    const value = valueAt(name)
    if (typeof value !== 'object') return String(value)
    throw new ControlError(
      'unprocessable',
      `\${${name}} is ${value === null ? 'null' : 'no single value'}: it cannot stand inside of a text`,
      { details: { name } },
    )
  })
}

function mapObject(value: JsonObject, map: (text: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapTexts(child, map)]))
}

function mapTexts(value: Json, map: (text: string) => Json): Json {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return (value as readonly Json[]).map((child) => mapTexts(child, map))
  return isJsonObject(value) ? mapObject(value, map) : value
}

/** Every placeholder of a body, in order. */
export function placeholdersOf(value: Json, path: readonly (string | number)[] = []): readonly Placeholder[] {
  if (typeof value === 'string') {
    return [...value.matchAll(pieces)].flatMap(({ groups }) =>
      groups?.name === undefined ? [] : [{ name: groups.name, path }],
    )
  }
  if (Array.isArray(value))
    return (value as readonly Json[]).flatMap((child, at) => placeholdersOf(child, [...path, at]))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, child]) => placeholdersOf(child, [...path, key]))
}
