import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { planRefSchema } from '../contract/plan-catalogue.js'
import { projectName } from '../contract/task.js'
import {
  toTriggerDefinition,
  triggerSchema,
  triggerTestSchema,
  triggerVerdictSchema,
} from '../contract/trigger.js'
import { planAct } from './plan-act.js'
import { tool } from './tool.js'

export const triggerTools = {
  create_trigger: tool({
    ...catalogue.create_trigger,
    result: triggerSchema,
    run: (plane, caller, args) => {
      const definition = toTriggerDefinition(args)
      const command = { name: 'create_trigger', definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  update_trigger: tool({
    ...catalogue.update_trigger,
    result: triggerSchema,
    run: (plane, caller, { ref, ...body }) => {
      const definition = toTriggerDefinition(body)
      const command = { name: 'update_trigger', ref, definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  pause_trigger: tool({
    ...catalogue.pause_trigger,
    result: triggerSchema,
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'pause_trigger', ref }, projectId }),
  }),
  resume_trigger: tool({
    ...catalogue.resume_trigger,
    result: triggerSchema,
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'resume_trigger', ref }, projectId }),
  }),
  delete_trigger: tool({
    ...catalogue.delete_trigger,
    result: z.strictObject({}),
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'delete_trigger', ref }, projectId }),
  }),
  list_triggers: tool({
    summary: 'Triggers, by project and name',
    action: 'read',
    resource: 'trigger',
    schema: z.strictObject({ project: projectName.removeDefault().optional().describe('Absent = all') }),
    result: z.object({ triggers: z.array(triggerSchema) }),
    run: (plane, caller, { project }) => plane.plans(caller, 'trigger', project ?? null),
  }),
  get_trigger: tool({
    summary: 'One trigger',
    action: 'read',
    resource: 'trigger',
    schema: planRefSchema,
    result: triggerSchema,
    run: (plane, caller, { ref, project }) => plane.plan(caller, 'trigger', ref, project),
  }),
  test_trigger: tool({
    summary: 'Try a condition on a task, an alert or a master, as it is now; fires nothing',
    action: 'read',
    resource: 'trigger',
    schema: triggerTestSchema,
    result: triggerVerdictSchema,
    run: (plane, caller, { on, condition, id }) =>
      plane.verdict(caller, { condition: condition.trim(), subject: { on, id } }),
  }),
} as const
