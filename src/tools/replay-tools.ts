import { z } from 'zod'
import {
  nextFailureQuery,
  nextFailureSchema,
  replayEventsQuery,
  replayEventsSchema,
  replayRangeSchema,
} from '../contract/replay.js'
import { tool } from './tool.js'

export const replayTools = {
  replay_range: tool({
    summary: 'Which instants of the past can be shown',
    action: 'read',
    resource: 'log',
    schema: z.strictObject({}),
    result: replayRangeSchema,
    run: (plane, caller) => plane.replayRange(caller),
  }),
  replay_events: tool({
    summary: 'What happened after an event, oldest first: the events that walls show',
    action: 'read',
    resource: 'log',
    schema: replayEventsQuery,
    result: replayEventsSchema,
    run: (plane, caller, { afterSeq, limit }) => plane.replayEvents(caller, afterSeq, limit),
  }),
  next_failure: tool({
    summary: 'What went wrong first after an instant',
    action: 'read',
    resource: 'log',
    schema: nextFailureQuery,
    result: nextFailureSchema,
    run: (plane, caller, { at }) => plane.nextFailure(caller, at),
  }),
} as const
