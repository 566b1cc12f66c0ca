import { z } from 'zod'
import { parseOrRefuse } from '../contract/catalogue.js'
import type { ToolDescription } from '../contract/tool.js'
import type { Agent } from '../contract/worker.js'
import type { CallLeader, ToolCall } from '../ports/tool-calls.js'
import { describeTools } from '../tools/registry.js'

/** What a master knows of itself. */
export interface MasterSelf {
  readonly nodeId: string
  agents(): readonly Agent[]
  status(): object
  callLeader: CallLeader
}

interface MasterTool {
  readonly summary: string
  run(self: MasterSelf): unknown
}

/** Answered by the master alone, also while it has no leader. */
const ownTools: Readonly<Record<string, MasterTool>> = {
  list_agents: { summary: 'The agents of this master', run: (self) => ({ agents: self.agents() }) },
  master_status: {
    summary: 'This master, its link to the leader and what runs here',
    run: (self) => self.status(),
  },
}

const nothing = z.strictObject({})
const submit = z.looseObject({ requirements: z.looseObject({}).optional() })

/** Runs one of this master's tools, or calls it at the leader as the one whose token came along. */
export async function callMasterTool(
  self: MasterSelf,
  call: Omit<ToolCall, 'argsJson'>,
  args: unknown = {},
): Promise<string> {
  const own = Object.hasOwn(ownTools, call.tool) ? ownTools[call.tool] : undefined
  if (own !== undefined) {
    parseOrRefuse(nothing, args, 'args')
    return JSON.stringify(own.run(self))
  }
  return call.tool === 'run'
    ? self.callLeader({ ...call, tool: 'submit_task', argsJson: JSON.stringify(here(self, args)) })
    : self.callLeader({ ...call, argsJson: JSON.stringify(args) })
}

/** A submit that this master is to run. */
function here({ nodeId }: MasterSelf, args: unknown): object {
  const { requirements, ...task } = parseOrRefuse(submit, args, 'args')
  return { ...task, requirements: { ...requirements, workerId: nodeId } }
}

/** Its own ones, and those of its leader. */
export function describeMasterTools(): readonly ToolDescription[] {
  const own = Object.entries(ownTools).map(([name, { summary }]) => ({
    name,
    summary,
    action: 'read' as const,
    resource: 'node',
    args: z.toJSONSchema(nothing),
  }))
  const leaders = describeTools()
  const run = leaders
    .filter(({ name }) => name === 'submit_task')
    .map((tool) => ({ ...tool, name: 'run', summary: 'Run a task on this master' }))
  const others = leaders.filter(({ name }) => !Object.hasOwn(ownTools, name))
  return [...own, ...run, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}
