import { z } from 'zod'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { callTool, type ToolName, tools } from '../../tools/registry.js'
import type { App } from '../app.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { answers, noBody, noQuery, sendJson, waitQuery } from './answers.js'

export interface ToolRoute {
  readonly path: string
  readonly tool: ToolName
  readonly tag: string
}

/** A read of the registry as GET: what the path does not name comes from the query. */
export function readRoute(app: App, plane: ControlPlane, { path, tool, tag }: ToolRoute): void {
  const { params, rest } = splitArgs(path, tool)
  app.get(
    path,
    {
      schema: {
        tags: [tag],
        summary: tools[tool].summary,
        params,
        querystring: rest,
        response: answers({ 200: tools[tool].result }),
      },
    },
    async (request, reply) =>
      sendJson(
        reply,
        200,
        await callTool(plane, callerOf(request), tool, { ...request.params, ...request.query }),
      ),
  )
}

/** A command of the registry: what the path does not say comes in the body. 202 with a receipt, 200 with what it changed. */
export function actRoute(
  app: App,
  plane: ControlPlane,
  { path, tool, tag, status }: ToolRoute & { readonly status: 200 | 202 },
): void {
  const { params, rest } = splitArgs(path, tool)
  app.post(
    path,
    {
      schema: {
        tags: [tag],
        summary: tools[tool].summary,
        params,
        querystring: waitQuery,
        body: rest.nullish(),
        response: answers({ [status]: tools[tool].result }),
      },
    },
    async (request, reply) => {
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      const caller = waitMs > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const args = { ...request.body, ...request.params }
      const json = await callTool(plane, caller, tool, args, { waitMs, idempotencyKey: null })
      return sendJson(reply, status, json)
    },
  )
}

/** A command of the registry that takes away what the path names. */
export function removeRoute(app: App, plane: ControlPlane, { path, tool, tag }: ToolRoute): void {
  const { params } = splitArgs(path, tool)
  app.delete(
    path,
    {
      schema: {
        tags: [tag],
        summary: tools[tool].summary,
        params,
        querystring: noQuery,
        body: noBody,
        response: answers({ 200: tools[tool].result }),
      },
    },
    async (request, reply) =>
      sendJson(reply, 200, await callTool(plane, callerOf(request), tool, request.params)),
  )
}

/** The tool's arguments that stand in the path, and the others. */
function splitArgs(path: string, tool: ToolName): { params: z.ZodObject; rest: z.ZodObject } {
  const { shape } = tools[tool].schema as z.ZodObject
  const names = new Set([...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? ''))
  const entries = Object.entries(shape)
  return {
    params: z.object(Object.fromEntries(entries.filter(([name]) => names.has(name)))),
    rest: z.strictObject(Object.fromEntries(entries.filter(([name]) => !names.has(name)))),
  }
}
