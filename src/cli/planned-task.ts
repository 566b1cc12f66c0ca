import type { Client } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { type ParameterTexts, typedParameters } from './parameters.js'
import { type BodyFlags, bodyOf } from './task-body.js'

export interface PlannedFlags extends BodyFlags {
  readonly template?: string
  readonly param?: ParameterTexts
}

/** What a schedule or a trigger submits: the program after `--`, or a template. */
export async function plannedTask(client: Client, argv: readonly string[], flags: PlannedFlags) {
  if ((argv.length === 0) === (flags.template === undefined))
    throw new ControlError('invalid_configuration', 'Give a program after --, or --template NAME.')
  const { project: _, ...body } = await bodyOf(argv, flags)
  if (flags.template === undefined) return { ...body }
  const template = await client.template(flags.template, { project: flags.project })
  const { type: __, payload: ___, ...overrides } = body
  return { template: flags.template, params: typedParameters(template, flags.param ?? {}), ...overrides }
}

/** A plan's name has no blanks. */
export const planNameFrom = (words: string, otherwise: string): string =>
  words
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63) || otherwise
