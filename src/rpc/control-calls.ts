import { randomUUID } from 'node:crypto'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { parseOrRefuse, toControl, toTaskSpec } from '../contract/catalogue.js'
import { parseJson } from '../contract/json.js'
import { listTasksQuery, type Receipt, type Task, type TaskPage } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type {
  CallToolRequest,
  CallToolResponseSchema,
  ControlTaskRequest,
  ControlTaskResponseSchema,
  GetTaskRequest,
  GetTaskResponseSchema,
  ListTasksRequest,
  ListTasksResponseSchema,
  ListToolsResponseSchema,
  SubmitTaskRequest,
  SubmitTaskResponseSchema,
  TaskSchema,
} from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import { callTool, describeTools } from '../tools/registry.js'
import { bearer } from './grpc-status.js'
import { submitBody } from './submit-body.js'
import { count, name } from './wire-checks.js'

/**
 * ControlService's unary calls in terms of the control plane: the one translation that grpc-js and Connect share.
 * Every function rejects with ControlError only.
 */
export interface ControlCalls {
  submitTask(
    caller: Caller,
    request: SubmitTaskRequest,
  ): Promise<MessageInitShape<typeof SubmitTaskResponseSchema>>
  getTask(caller: Caller, request: GetTaskRequest): Promise<MessageInitShape<typeof GetTaskResponseSchema>>
  listTasks(
    caller: Caller,
    request: ListTasksRequest,
  ): Promise<MessageInitShape<typeof ListTasksResponseSchema>>
  controlTask(
    caller: Caller,
    request: ControlTaskRequest,
  ): Promise<MessageInitShape<typeof ControlTaskResponseSchema>>
  callTool(caller: Caller, request: CallToolRequest): Promise<MessageInitShape<typeof CallToolResponseSchema>>
  listTools(caller: Caller): Promise<MessageInitShape<typeof ListToolsResponseSchema>>
}

/** Who calls, from the call's `authorization` value; throws not_authenticated. */
export function callerOf(plane: ControlPlane, authorization: string | null, signal: AbortSignal): Caller {
  const token = bearer(authorization)
  const principal = token === null ? null : plane.authenticate(token)
  if (principal === null) {
    throw new ControlError('not_authenticated', 'This call needs the metadata authorization: Bearer TOKEN.')
  }
  return { principal, via: 'grpc', traceId: randomUUID(), signal }
}

export function controlCalls(plane: ControlPlane): ControlCalls {
  return {
    async submitTask(caller, request) {
      const { spec, projectId } = toTaskSpec(submitBody(request), request.idempotencyKey || null)
      const answer = await plane.execute(caller, { command: { name: 'submit_task', spec }, projectId })
      if (answer.kind !== 'task') throw unexpected(answer.kind)
      const task = taskMessage(await plane.task(caller, answer.taskId))
      return { task, created: answer.created }
    },

    async getTask(caller, request) {
      return { task: taskMessage(await plane.task(caller, name(request.taskId, 'task_id'))) }
    },

    async listTasks(caller, request) {
      const query = parseOrRefuse(listTasksQuery, listQuery(request), 'request')
      const { limit, cursor, ...filter } = query
      const page = JSON.parse(
        await plane.tasks(caller, filter, { limit, cursor: cursor ?? null }),
      ) as TaskPage
      return {
        tasks: page.tasks.map((task) => taskInit(task, JSON.stringify(task))),
        nextCursor: page.nextCursor ?? '',
      }
    },

    async controlTask(caller, request) {
      const control = toControl({ taskId: request.taskId, action: request.action })
      const waitMs = Math.min(count(request.waitMs, 'wait_ms'), limits.waitMsMax)
      const answer = await plane.execute(caller, {
        command: { name: 'control_task', ...control },
        projectId: 'default',
      })
      if (answer.kind === 'finished') return { state: 'finished' }
      if (answer.kind !== 'receipt') throw unexpected(answer.kind)
      const receiptJson = await plane.receipt(caller, answer.commandId, waitMs)
      const receipt = JSON.parse(receiptJson) as Receipt
      return { commandId: receipt.commandId, state: receipt.state, receiptJson }
    },

    async callTool(caller, request) {
      const args = request.argsJson === '' ? {} : parseJson(request.argsJson, 'args_json')
      const resultJson = await callTool(plane, caller, request.tool, args, {
        waitMs: Math.min(count(request.waitMs, 'wait_ms'), limits.waitMsMax),
        idempotencyKey: request.idempotencyKey || null,
      })
      return { resultJson }
    },

    async listTools() {
      return {
        tools: describeTools().map(({ args, ...tool }) => ({ ...tool, argsJson: JSON.stringify(args) })),
      }
    },
  }
}

const unexpected = (kind: string): ControlError =>
  new ControlError('internal', `The leader gave an answer of kind ${kind} to a call that has none.`)

const listQuery = (request: ListTasksRequest): Record<string, unknown> => ({
  ...(request.status === '' ? {} : { status: request.status }),
  ...(request.workerId === '' ? {} : { workerId: request.workerId }),
  ...(request.project === '' ? {} : { project: request.project }),
  ...(request.limit === 0 ? {} : { limit: request.limit }),
  ...(request.cursor === '' ? {} : { cursor: request.cursor }),
})

const taskMessage = (taskJson: string): MessageInitShape<typeof TaskSchema> =>
  taskInit(JSON.parse(taskJson) as Task, taskJson)

/** The task's most wanted fields beside its whole JSON. */
const taskInit = (task: Task, taskJson: string): MessageInitShape<typeof TaskSchema> => ({
  taskId: task.taskId,
  status: task.status,
  phase: task.phase,
  workerId: task.workerId ?? '',
  attempt: task.attempt,
  fence: BigInt(task.fence ?? 0),
  taskJson,
})
