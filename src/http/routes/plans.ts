import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { planRefSchema } from '../../contract/plan-catalogue.js'
import { taskSchema } from '../../contract/task.js'
import type { CommandRequest, ControlPlane } from '../../ports/control-plane.js'
import { callTool, type ToolName, tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf } from '../caller.js'
import { answers, idempotencyHeader, noBody, sendJson } from './answers.js'
import { readRoute } from './tool-route.js'

const planParams = z.object({ ref: planRefSchema.shape.ref })
const ofProject = z.strictObject({ project: planRefSchema.shape.project })

/** Names of the tools behind one kind's routes. */
export interface PlanRoutes {
  /** `schedules` → /api/schedules. */
  readonly kinds: string
  readonly list: ToolName
  readonly show: ToolName
  readonly create: ToolName
  readonly update: ToolName
  readonly remove: ToolName
  /** POST /:ref/NAME. */
  readonly acts: Readonly<Record<string, ToolName>>
}

/** List, create, show, change, delete, and acts: the same for each kind of plan. */
export function planRoutes(app: App, plane: ControlPlane, routes: PlanRoutes): void {
  const { kinds, list, show, create, update, remove, acts } = routes
  const path = `/api/${kinds}`
  const tags = [kinds]
  const [summaryOf, resultOf] = [
    (tool: ToolName) => tools[tool].summary,
    (tool: ToolName) => tools[tool].result,
  ]
  readRoute(app, plane, { path, tool: list, tag: kinds })
  readRoute(app, plane, { path: `${path}/:ref`, tool: show, tag: kinds })
  app.post(
    path,
    {
      schema: {
        tags,
        summary: summaryOf(create),
        body: tools[create].schema,
        response: answers({ 201: resultOf(create) }),
      },
    },
    async (request, reply) => {
      const json = await callTool(plane, callerOf(request), create, request.body)
      return sendJson(reply, 201, json)
    },
  )
  const { ref: _, ...body } = (tools[update].schema as z.ZodObject).shape
  const about = { tags, params: planParams }
  app.put(
    `${path}/:ref`,
    {
      schema: {
        ...about,
        summary: summaryOf(update),
        body: z.strictObject(body),
        response: answers({ 200: resultOf(update) }),
      },
    },
    async (request, reply) => {
      const args = { ...request.body, ref: request.params.ref }
      return sendJson(reply, 200, await callTool(plane, callerOf(request), update, args))
    },
  )
  app.delete(
    `${path}/:ref`,
    {
      schema: {
        ...about,
        summary: summaryOf(remove),
        querystring: ofProject,
        body: noBody,
        response: answers({ 200: resultOf(remove) }),
      },
    },
    async (request, reply) => {
      const args = { ...request.params, ...request.query }
      return sendJson(reply, 200, await callTool(plane, callerOf(request), remove, args))
    },
  )
  for (const [act, tool] of Object.entries(acts)) {
    app.post(
      `${path}/:ref/${act}`,
      {
        schema: {
          ...about,
          summary: summaryOf(tool),
          querystring: ofProject,
          body: noBody,
          response: answers({ 200: resultOf(tool) }),
        },
      },
      async (request, reply) => {
        const args = { ...request.params, ...request.query }
        return sendJson(reply, 200, await callTool(plane, callerOf(request), tool, args))
      },
    )
  }
}

/** What an act that submits a task answers: 201 a new one, 200 the one that the idempotency key stands for. */
export const submitSchema = {
  headers: idempotencyHeader,
  params: planParams,
  querystring: ofProject,
  response: answers({ 200: taskSchema, 201: taskSchema }),
}

/** Submits by way of a plan and answers the task, as POST /api/tasks does. */
export async function submitByPlan(
  plane: ControlPlane,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  asked: { readonly command: CommandRequest; readonly projectId: string },
): Promise<FastifyReply> {
  const caller = callerOf(request)
  const answer = await plane.execute(caller, asked)
  const isNew = answer.kind === 'task' && answer.created
  const taskId = answer.kind === 'task' ? answer.taskId : ''
  if (isNew) reply.header('location', `/api/tasks/${taskId}`)
  return sendJson(reply, isNew ? 201 : 200, await plane.task(caller, taskId))
}
