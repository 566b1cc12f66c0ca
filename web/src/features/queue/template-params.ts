import type { Template } from '../../live/protocol.js'

export type Parameter = Template['parameters'][string]
type Value = string | number | boolean

/** What a form starts with: each field as its text; a truth value is `true`, `false` or not said. */
export const firstTexts = (parameters: Template['parameters']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, String(parameter.default ?? '')]),
  )

/**
 * What a filled form says. A field that is left empty is not given, so that the template's default, or nothing, stands
 * for it; only a text whose default was wiped out is given as an empty one.
 */
export function paramsOf(
  parameters: Template['parameters'],
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, Value>> {
  const given: Record<string, Value> = {}
  for (const [name, parameter] of Object.entries(parameters)) {
    const text = texts[name] ?? ''
    if (text !== '') given[name] = typed(parameter, text)
    else if (parameter.type === 'string' && parameter.default !== null && parameter.enum === null)
      given[name] = ''
  }
  return given
}

function typed({ type }: Parameter, text: string): Value {
  switch (type) {
    case 'string':
      return text
    case 'number':
      return Number(text)
    case 'boolean':
      return text === 'true'
  }
}
