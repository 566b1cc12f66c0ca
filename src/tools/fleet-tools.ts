import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { idSchema } from '../contract/id.js'
import { loadQuery, loadSchema } from '../contract/load.js'
import { statsSchema } from '../contract/session.js'
import { receiptSchema } from '../contract/task.js'
import { workerSchema } from '../contract/worker.js'
import { nodeIdOf } from '../core/ids.js'
import type { NodeAction } from '../core/input.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import { answerJson } from './answer.js'
import { tool } from './tool.js'

const nothing = z.strictObject({})

/** Cordons, uncordons or drains. */
async function hold(
  plane: ControlPlane,
  caller: Caller,
  command: {
    readonly workerId: string
    readonly action: NodeAction
    readonly deadlineMs?: number | undefined
  },
  waitMs: number,
): Promise<JsonBytes> {
  const { workerId, action, deadlineMs = null } = command
  const asked = { name: 'control_node', nodeId: nodeIdOf(workerId), action, deadlineMs } as const
  const answer = await plane.execute(caller, { command: asked, projectId: 'default' })
  return answerJson(plane, caller, answer, waitMs)
}

export const fleetTools = {
  restart_worker: tool({
    ...catalogue.restart_worker,
    result: receiptSchema,
    run: async (plane, caller, { workerId }, { waitMs }) => {
      const command = { name: 'restart_node', nodeId: nodeIdOf(workerId) } as const
      const answer = await plane.execute(caller, { command, projectId: 'default' })
      return answerJson(plane, caller, answer, waitMs)
    },
  }),
  cordon_worker: tool({
    ...catalogue.cordon_worker,
    result: workerSchema,
    run: (plane, caller, args) => hold(plane, caller, { ...args, action: 'cordon' }, 0),
  }),
  uncordon_worker: tool({
    ...catalogue.uncordon_worker,
    result: workerSchema,
    run: (plane, caller, args) => hold(plane, caller, { ...args, action: 'uncordon' }, 0),
  }),
  drain_worker: tool({
    ...catalogue.drain_worker,
    result: receiptSchema,
    run: (plane, caller, args, { waitMs }) => hold(plane, caller, { ...args, action: 'drain' }, waitMs),
  }),
  list_workers: tool({
    summary: 'Every master',
    action: 'read',
    resource: 'node',
    schema: nothing,
    result: z.object({ workers: z.array(workerSchema) }),
    run: (plane, caller) => plane.workers(caller),
  }),
  get_worker: tool({
    summary: 'One master',
    action: 'read',
    resource: 'node',
    schema: z.strictObject({ workerId: idSchema }),
    result: workerSchema,
    run: (plane, caller, { workerId }) => plane.worker(caller, workerId),
  }),
  read_load: tool({
    summary: 'CPU, memory, disk and network of a master, or of all together, over a time',
    action: 'read',
    resource: 'node',
    schema: loadQuery,
    result: loadSchema,
    run: (plane, caller, { workerId, from, to, points }) =>
      plane.load(caller, { nodeId: workerId ?? null, fromMs: from, toMs: to, points }),
  }),
  stats: tool({
    summary: 'Counts, and where the journal stands',
    action: 'read',
    resource: 'cluster',
    schema: nothing,
    result: statsSchema,
    run: (plane, caller) => plane.stats(caller),
  }),
  whoami: tool({
    summary: 'Who the token belongs to',
    action: 'read',
    resource: 'cluster',
    schema: nothing,
    result: z.object({ user: z.string(), role: z.string() }),
    run: async (_plane, { principal }) =>
      JSON.stringify({
        user: principal.id,
        role: principal.kind === 'user' ? principal.role : principal.kind,
      }),
  }),
} as const
