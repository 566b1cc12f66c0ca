import { InvalidArgumentError } from 'commander'
import type { Template } from '../client/index.js'
import { ControlError } from '../core/errors.js'

export type ParameterTexts = Readonly<Record<string, string>>
export type ParameterValues = Readonly<Record<string, string | number | boolean>>

/** For `--param NAME=VALUE`, several times. */
export function collectParameter(pair: string, earlier: ParameterTexts = {}): ParameterTexts {
  const split = pair.indexOf('=')
  if (split < 1) throw new InvalidArgumentError('Give NAME=VALUE.')
  return { ...earlier, [pair.slice(0, split)]: pair.slice(split + 1) }
}

/** Texts as the values that the template's parameters want; what is none of them goes as it is, and is refused. */
export function typedParameters(template: Template, texts: ParameterTexts): ParameterValues {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, typed(name, text, template.parameters[name]?.type)]),
  )
}

/** What a trigger fills in has the type that it will have. */
const placeholder = /^\$\{[^{}]+\}$/

function typed(name: string, text: string, type: 'string' | 'number' | 'boolean' | undefined) {
  if (placeholder.test(text)) return text
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw new ControlError('invalid_configuration', `--param ${name}: give true or false, not "${text}".`)
  }
  if (type !== 'number') return text
  if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  throw new ControlError('invalid_configuration', `--param ${name}: give a number, not "${text}".`)
}
