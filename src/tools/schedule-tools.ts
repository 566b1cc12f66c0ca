import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { planRefSchema } from '../contract/plan-catalogue.js'
import {
  type Schedule,
  scheduleSchema,
  slotsQuery,
  slotsSchema,
  toScheduleDefinition,
} from '../contract/schedule.js'
import { projectName, taskSchema } from '../contract/task.js'
import { planAct } from './plan-act.js'
import { tool } from './tool.js'

export const scheduleTools = {
  create_schedule: tool({
    ...catalogue.create_schedule,
    result: scheduleSchema,
    run: (plane, caller, args) => {
      const definition = toScheduleDefinition(args)
      const command = { name: 'create_schedule', definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  update_schedule: tool({
    ...catalogue.update_schedule,
    result: scheduleSchema,
    run: (plane, caller, { ref, ...body }) => {
      const definition = toScheduleDefinition(body)
      const command = { name: 'update_schedule', ref, definition } as const
      return planAct(plane, caller, { command, projectId: definition.projectId })
    },
  }),
  pause_schedule: tool({
    ...catalogue.pause_schedule,
    result: scheduleSchema,
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'pause_schedule', ref }, projectId }),
  }),
  resume_schedule: tool({
    ...catalogue.resume_schedule,
    result: scheduleSchema,
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'resume_schedule', ref }, projectId }),
  }),
  delete_schedule: tool({
    ...catalogue.delete_schedule,
    result: z.strictObject({}),
    run: (plane, caller, { ref, project: projectId }) =>
      planAct(plane, caller, { command: { name: 'delete_schedule', ref }, projectId }),
  }),
  run_schedule: tool({
    ...catalogue.run_schedule,
    result: taskSchema,
    run: (plane, caller, { ref, project: projectId }, { idempotencyKey }) =>
      planAct(plane, caller, { command: { name: 'run_schedule', ref, idempotencyKey }, projectId }),
  }),
  list_schedules: tool({
    summary: 'Schedules, by project and name',
    action: 'read',
    resource: 'schedule',
    schema: z.strictObject({ project: projectName.removeDefault().optional().describe('Absent = all') }),
    result: z.object({ schedules: z.array(scheduleSchema) }),
    run: (plane, caller, { project }) => plane.plans(caller, 'schedule', project ?? null),
  }),
  get_schedule: tool({
    summary: 'One schedule',
    action: 'read',
    resource: 'schedule',
    schema: planRefSchema,
    result: scheduleSchema,
    run: (plane, caller, { ref, project }) => plane.plan(caller, 'schedule', ref, project),
  }),
  next_slots: tool({
    summary: 'The next times of a cron expression',
    action: 'read',
    resource: 'schedule',
    schema: slotsQuery,
    result: slotsSchema,
    run: (plane, caller, { after, ...about }) => plane.slots(caller, { ...about, afterMs: after ?? null }),
  }),
  next_slots_of_schedule: tool({
    summary: 'The next times of a schedule; of a paused one, those it would have',
    action: 'read',
    resource: 'schedule',
    schema: z.strictObject({ ...planRefSchema.shape, count: slotsQuery.shape.count }),
    result: slotsSchema,
    run: async (plane, caller, { ref, project, count }) => {
      const schedule = JSON.parse(await plane.plan(caller, 'schedule', ref, project)) as Schedule
      const { cron, timeZone } = schedule
      return plane.slots(caller, { cron, timeZone, afterMs: null, count })
    },
  }),
} as const
