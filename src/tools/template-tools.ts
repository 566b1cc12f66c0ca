import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { planRefSchema } from '../contract/plan-catalogue.js'
import { projectName, taskSchema } from '../contract/task.js'
import { templateSchema, toTemplateDefinition } from '../contract/template.js'
import type { JsonObject } from '../core/json.js'
import { planAct } from './plan-act.js'
import { tool } from './tool.js'

export const templateTools = {
  create_template: tool({
    ...catalogue.create_template,
    result: templateSchema,
    run: (plane, caller, args) => {
      const definition = toTemplateDefinition(args)
      const command = { name: 'create_template', definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  update_template: tool({
    ...catalogue.update_template,
    result: templateSchema,
    run: (plane, caller, { ref, ...body }) => {
      const definition = toTemplateDefinition(body)
      const command = { name: 'update_template', ref, definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  delete_template: tool({
    ...catalogue.delete_template,
    result: z.strictObject({}),
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'delete_template', ref }, projectId }),
  }),
  run_template: tool({
    ...catalogue.run_template,
    result: taskSchema,
    run: (plane, caller, { ref, project: projectId, params, overrides }, { idempotencyKey }) => {
      const filled = { template: ref, params, overrides: overrides as JsonObject, idempotencyKey }
      return planAct(plane, caller, { command: { name: 'submit_template', ...filled }, projectId })
    },
  }),
  list_templates: tool({
    summary: 'Templates, by project and name',
    action: 'read',
    resource: 'template',
    schema: z.strictObject({ project: projectName.removeDefault().optional().describe('Absent = all') }),
    result: z.object({ templates: z.array(templateSchema) }),
    run: (plane, caller, { project }) => plane.plans(caller, 'template', project ?? null),
  }),
  get_template: tool({
    summary: 'One template',
    action: 'read',
    resource: 'template',
    schema: planRefSchema,
    result: templateSchema,
    run: (plane, caller, { ref, project }) => plane.plan(caller, 'template', ref, project),
  }),
} as const
