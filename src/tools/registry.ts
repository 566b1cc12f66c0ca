import { z } from 'zod'
import { type CatalogueName, parseOrRefuse } from '../contract/catalogue.js'
import type { ToolDescription } from '../contract/tool.js'
import { ControlError } from '../core/errors.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import { agentTools } from './agent-tools.js'
import { alertTools } from './alert-tools.js'
import { effectTools } from './effect-tools.js'
import { fleetTools } from './fleet-tools.js'
import { limitTools } from './limit-tools.js'
import { lineTools } from './line-tools.js'
import { replayTools } from './replay-tools.js'
import { scheduleTools } from './schedule-tools.js'
import { settingTools } from './setting-tools.js'
import { taskTools } from './task-tools.js'
import { templateTools } from './template-tools.js'
import type { Tool, ToolOptions } from './tool.js'
import { triggerTools } from './trigger-tools.js'
import { workTools } from './work-tools.js'

/** Every tool by name: REST, /rpc, gRPC and masters answer from it. A command of the catalogue that is missing does not compile. */
export const tools = {
  ...taskTools,
  ...effectTools,
  ...lineTools,
  ...replayTools,
  ...fleetTools,
  ...alertTools,
  ...limitTools,
  ...settingTools,
  ...agentTools,
  ...workTools,
  ...scheduleTools,
  ...templateTools,
  ...triggerTools,
} satisfies Readonly<Record<CatalogueName, unknown>>
export type ToolName = keyof typeof tools

const byName: ReadonlyMap<string, Tool> = new Map(Object.entries(tools) as unknown as [string, Tool][])

/** Runs one by its name. Rejects with `tool_not_found`, with `invalid_request` for its arguments, or as the tool does. */
export async function callTool(
  plane: ControlPlane,
  caller: Caller,
  name: string,
  args: unknown,
  options: ToolOptions = { waitMs: 0, idempotencyKey: null },
): Promise<JsonBytes> {
  const found = byName.get(name)
  if (found === undefined) {
    throw new ControlError('tool_not_found', `There is no tool ${JSON.stringify(name)}; GET /rpc lists them.`)
  }
  return found.run(plane, caller, parseOrRefuse(found.schema, args ?? {}, 'args'), options)
}

/** By name, with what each takes as JSON schema. */
export const describeTools = (): readonly ToolDescription[] =>
  [...byName]
    .map(([name, { summary, action, resource, schema }]) => {
      const args = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
      return { name, summary, action, resource, args }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
