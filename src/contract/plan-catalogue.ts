import { z } from 'zod'
import { idSchema } from './id.js'
import { paramsSchema } from './planned-task.js'
import { scheduleBodySchema } from './schedule.js'
import { projectName } from './task.js'
import { overridesSchema, templateBodySchema } from './template.js'
import { triggerBodySchema } from './trigger.js'

/** A plan by its id, or by its name in a project. */
const refSchema = z.strictObject({ ref: idSchema.describe('Id, or name'), project: projectName })
const configure = (resource: 'schedule' | 'template' | 'trigger', summary: string) =>
  ({ action: 'configure', resource, summary }) as const

/** Commands about schedules, templates and triggers; a part of the catalogue. */
export const planCatalogue = {
  create_schedule: { schema: scheduleBodySchema, ...configure('schedule', 'Create a schedule') },
  update_schedule: {
    schema: z.strictObject({ ref: idSchema, ...scheduleBodySchema.shape }),
    ...configure('schedule', 'Change a schedule: what is given takes the place of the old one'),
  },
  pause_schedule: { schema: refSchema, ...configure('schedule', 'Let the slots of a schedule pass') },
  resume_schedule: {
    schema: refSchema,
    ...configure('schedule', 'Go on with the first slot of a schedule from now'),
  },
  delete_schedule: { schema: refSchema, ...configure('schedule', 'Delete a schedule; its tasks stay') },
  run_schedule: {
    schema: refSchema,
    action: 'execute',
    resource: 'schedule',
    summary: 'Run the task of a schedule now, beside its slots',
  },
  create_template: { schema: templateBodySchema, ...configure('template', 'Create a template') },
  update_template: {
    schema: z.strictObject({ ref: idSchema, ...templateBodySchema.shape }),
    ...configure('template', 'Make the next version of a template'),
  },
  delete_template: { schema: refSchema, ...configure('template', 'Delete a template; its tasks stay') },
  run_template: {
    schema: z.strictObject({
      ref: idSchema,
      project: projectName,
      params: paramsSchema.default({}),
      overrides: overridesSchema.default({}),
    }),
    action: 'execute',
    resource: 'template',
    summary: 'Run a task made from a template',
  },
  create_trigger: { schema: triggerBodySchema, ...configure('trigger', 'Create a trigger') },
  update_trigger: {
    schema: z.strictObject({ ref: idSchema, ...triggerBodySchema.shape }),
    ...configure('trigger', 'Change a trigger: what is given takes the place of the old one'),
  },
  pause_trigger: {
    schema: refSchema,
    ...configure('trigger', 'Let a trigger look at nothing until it is resumed'),
  },
  resume_trigger: {
    schema: refSchema,
    ...configure('trigger', 'Let a trigger look at what happens from now on'),
  },
  delete_trigger: { schema: refSchema, ...configure('trigger', 'Delete a trigger; its tasks stay') },
} as const

/** What every act on a plan that is there takes. */
export const planRefSchema = refSchema
