import { idSchema } from '../contract/id.js'
import { foundLinesSchema, linePageSchema, logsQuery, taskLogsQuery } from '../contract/line.js'
import { tool } from './tool.js'

export const lineTools = {
  read_lines: tool({
    summary: "A task's lines with n > after, oldest first",
    action: 'read',
    resource: 'log',
    schema: taskLogsQuery.extend({ taskId: idSchema }),
    result: linePageSchema,
    run: (plane, caller, { taskId, after, limit }) => plane.taskLines(caller, taskId, after, limit),
  }),
  search_lines: tool({
    summary: 'The newest lines over all tasks that match, oldest first; by cursor the older ones',
    action: 'read',
    resource: 'log',
    schema: logsQuery,
    result: foundLinesSchema,
    run: (plane, caller, { limit, cursor, since, until, ...filter }) =>
      plane.lines(caller, { ...filter, sinceMs: since, untilMs: until }, { limit, cursor: cursor ?? null }),
  }),
} as const
