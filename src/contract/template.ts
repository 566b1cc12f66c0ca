import { z } from 'zod'
import { projectIdOf } from '../core/ids.js'
import type { JsonObject } from '../core/json.js'
import { limits } from '../core/limits.js'
import type { TemplateDefinition } from '../core/templates/template.js'
import { jsonObject, parameterName, parameterValue, planName } from './planned-task.js'
import { projectName } from './task.js'

const parameterSchema = z
  .strictObject({
    type: z.enum(['string', 'number', 'boolean']).default('string'),
    required: z.boolean().default(false),
    default: parameterValue.nullish(),
    enum: z.array(parameterValue).min(1).max(100).nullish(),
    description: z.string().max(limits.nameLengthMax).default(''),
  })
  .superRefine((parameter, context) => {
    const given = parameter.default
    if (given != null && typeof given !== parameter.type)
      context.addIssue({ code: 'custom', path: ['default'], message: `is no ${parameter.type}` })
    for (const [at, value] of (parameter.enum ?? []).entries())
      if (typeof value !== parameter.type)
        context.addIssue({ code: 'custom', path: ['enum', at], message: `is no ${parameter.type}` })
    if (given != null && parameter.enum != null && !parameter.enum.includes(given))
      context.addIssue({ code: 'custom', path: ['default'], message: 'is not in enum' })
  })

/** POST /api/templates and PUT /api/templates/:name. */
export const templateBodySchema = z.strictObject({
  name: planName,
  project: projectName,
  description: z.string().max(limits.parameterLengthMax).default(''),
  parameters: z
    .record(parameterName, parameterSchema)
    .refine(
      (parameters) => Object.keys(parameters).length <= limits.parametersMax,
      `at most ${limits.parametersMax} parameters`,
    )
    .default({}),
  task: jsonObject.describe(
    'A submit’s body; a dollar and {name} in its texts stand for a parameter, with two dollars for the text itself',
  ),
})
export type TemplateBody = z.input<typeof templateBodySchema>

export const templateSchema = z.object({
  templateId: z.string(),
  name: z.string(),
  project: z.string(),
  description: z.string(),
  parameters: z.record(
    z.string(),
    z.object({
      type: z.enum(['string', 'number', 'boolean']),
      required: z.boolean(),
      default: parameterValue.nullable(),
      enum: z.array(parameterValue).nullable(),
      description: z.string(),
    }),
  ),
  task: z.record(z.string(), z.unknown()),
  version: z.number().int(),
  createdAt: z.number(),
  updatedAt: z.number(),
  seq: z.number(),
  deleted: z.literal(true).optional(),
})
export type Template = z.infer<typeof templateSchema>

/** Fields of a submit that take the place of a template's; what makes it the template that it is stays. */
export const overridesSchema = jsonObject.superRefine((value, context) => {
  for (const key of ['project', 'type', 'payload', 'template', 'idempotencyKey'].filter(
    (name) => name in value,
  ))
    context.addIssue({ code: 'custom', path: [key], message: 'may not be given here' })
})

export function toTemplateDefinition(body: z.output<typeof templateBodySchema>): TemplateDefinition {
  const { name, project, description, task } = body
  const parameters = Object.entries(body.parameters).map(([parameter, about]) => [
    parameter,
    { ...about, default: about.default ?? null, enum: about.enum ?? null },
  ])
  return {
    name,
    projectId: projectIdOf(project),
    description,
    parameters: Object.fromEntries(parameters) as TemplateDefinition['parameters'],
    task: task as JsonObject,
  }
}
