import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { type AgentId, agentIdOf, asCommandId, type NodeId } from '../ids.js'
import type { Command } from '../input.js'
import { limits } from '../limits.js'
import { nodeSubject, type Receipt } from '../receipts/receipt.js'
import type { State } from '../state.js'
import { aboutNode } from './decide.js'
import type { Agent, AgentKind, Node } from './node.js'

/** An agent that somebody wants: a slot more on a master. */
export interface AgentWish {
  readonly kind: AgentKind
  /** null = the emptiest master. */
  readonly nodeId: NodeId | null
  readonly accountIdx: number | null
}

/** What a master is told to make. */
export interface AgentSpec {
  readonly agentId: AgentId
  readonly kind: AgentKind
  readonly accountIdx: number | null
}

type CreateAgents = Extract<Command, { name: 'create_agents' }>
type DeleteAgent = Extract<Command, { name: 'delete_agent' }>

/** [AG1] [AG2] All of them or none, each with its receipt; a master that is away has its own when it is back. */
export function decideCreateAgents(state: State, command: CreateAgents): Decision {
  const planned = new Map<NodeId, AgentId[]>()
  const drafts = command.agents.map((wish) => {
    refuseKind(wish.kind)
    const nodeId = wish.nodeId === null ? emptiest(state, planned) : namedNode(state, wish.nodeId)
    const mine = planned.get(nodeId) ?? []
    planned.set(nodeId, mine)
    const used = namesOn(state, nodeId, mine)
    if (agentsOn(state, nodeId) + mine.length >= limits.slotsMax) {
      throw new ControlError(
        'resource_exhausted',
        `${nodeId} has ${limits.slotsMax} agents, which is the most`,
      )
    }
    const agentId = freeName(nodeId, used)
    mine.push(agentId)
    return issued(nodeId, 'create_agent', { agentId, kind: wish.kind, accountIdx: wish.accountIdx })
  })
  return {
    drafts,
    answer: (events) => ({
      kind: 'receipts',
      commandIds: events.slice(0, drafts.length).map((event) => asCommandId(event.entity.id)),
    }),
  }
}

/** [AG3] It takes no task from here on, whatever its master does; with `force` the task that it runs goes on to its end. */
export function decideDeleteAgent(state: State, command: DeleteAgent): Decision {
  const { node, agent } = findAgent(state, command.agentId)
  refuseKind(agent.kind)
  const taskId = state.index.slots.taskOf(node.nodeId, agent.agentId)
  if (taskId !== null && !command.force) {
    throw new ControlError(
      'agent_busy',
      `${agent.agentId} runs ${taskId}; cancel that first, or delete with force: the task then goes on to its end`,
    )
  }
  const { agentId, kind, accountIdx } = agent
  return {
    drafts: [
      issued(node.nodeId, 'delete_agent', { agentId, kind, accountIdx }),
      draft('NodeAgentsChanged', aboutNode(node.nodeId), {
        agents: node.agents.filter((one) => one.agentId !== agentId),
      }),
    ],
    answer: (events) => ({ kind: 'receipt', commandId: asCommandId(events[0]?.entity.id ?? '') }),
  }
}

/** What a node tells of its agents, less those whose deletion it has not heard of. */
export function withoutLeaving(state: State, nodeId: string, agents: readonly Agent[]): readonly Agent[] {
  const leaving = new Set<string>()
  for (const { action, agent } of openOn(state, nodeId))
    if (action === 'delete_agent' && agent !== undefined) leaving.add(agent.agentId)
  return leaving.size === 0 ? agents : agents.filter(({ agentId }) => !leaving.has(agentId))
}

/** The node and agent of this name, or `agent_not_found`. */
export function findAgent(state: State, agentId: string): { readonly node: Node; readonly agent: Agent } {
  for (const nodeId of [...state.tables.node.keys()].sort()) {
    const node = state.node(nodeId)
    const agent = node?.agents.find((one) => one.agentId === agentId)
    if (node !== undefined && agent !== undefined) return { node, agent }
  }
  throw new ControlError('agent_not_found', `there is no agent ${agentId}`)
}

function refuseKind(kind: AgentKind): void {
  if (kind === 'process') return
  throw new ControlError(
    'unprocessable',
    kind === 'function'
      ? 'agents of kind function belong to their worker program: set its concurrency, or start another worker'
      : `agents of kind ${kind} are not made by hand; only those of kind process are`,
  )
}

function namedNode(state: State, nodeId: NodeId): NodeId {
  const node = state.node(nodeId)
  if (node === undefined) throw new ControlError('worker_not_found', `there is no master ${nodeId}`)
  if (!hostsPrograms(node)) {
    throw new ControlError('unprocessable', `${nodeId} is a worker program: its agents are its own calls`)
  }
  return nodeId
}

/** The one with the least work, then with the fewest agents, ties by id, that is online and not full. */
function emptiest(state: State, planned: ReadonlyMap<NodeId, readonly AgentId[]>): NodeId {
  let best: { nodeId: NodeId; busy: number; agents: number } | null = null
  for (const nodeId of [...state.tables.node.keys()].sort()) {
    const node = state.node(nodeId)
    if (node?.status !== 'online' || node.hold !== undefined || !hostsPrograms(node)) continue
    const busy = state.index.slots.runsOn(nodeId)
    const agents = agentsOn(state, nodeId) + (planned.get(node.nodeId)?.length ?? 0)
    if (agents >= limits.slotsMax) continue
    if (best === null || busy < best.busy || (busy === best.busy && agents < best.agents))
      best = { nodeId: node.nodeId, busy, agents }
  }
  if (best === null) {
    throw new ControlError(
      'worker_not_found',
      'no master is online that could have it; name one to have it wait',
    )
  }
  return best.nodeId
}

/** One that lost all of its agents is known by what it runs. */
const hostsPrograms = ({ agents, capabilities }: Node): boolean =>
  agents.length === 0
    ? capabilities.projectTypes.includes('command')
    : agents.some(({ kind }) => kind === 'process')

/** Agents of a node, with those that it was asked to make. */
function agentsOn(state: State, nodeId: string): number {
  const asked = openOn(state, nodeId).filter(({ action }) => action === 'create_agent').length
  return (state.node(nodeId)?.agents.length ?? 0) + asked
}

/** Names that a new agent must not have: of an agent, of one that comes or goes, of one that left its run behind. */
function namesOn(state: State, nodeId: string, planned: readonly AgentId[]): ReadonlySet<string> {
  const names = new Set<string>(planned)
  for (const { agentId } of state.node(nodeId)?.agents ?? []) names.add(agentId)
  for (const { agent } of openOn(state, nodeId)) if (agent !== undefined) names.add(agent.agentId)
  for (const taskId of state.index.slots.tasksOn(nodeId)) {
    const task = state.task(taskId)
    if (task?.state.phase === 'live') names.add(task.state.run.agentId)
  }
  return names
}

function freeName(nodeId: NodeId, used: ReadonlySet<string>): AgentId {
  let number = 1
  while (used.has(`${nodeId}/p${number}`)) number += 1
  return agentIdOf(`${nodeId}/p${number}`)
}

const openOn = (state: State, nodeId: string): readonly Receipt[] =>
  [...(state.index.openReceipts.get(nodeSubject(nodeId)) ?? [])].flatMap((id) => state.receipt(id) ?? [])

const issued = (nodeId: NodeId, action: 'create_agent' | 'delete_agent', agent: AgentSpec): EventDraft =>
  draft(
    'CommandIssued',
    { kind: 'receipt', id: born, projectId: null },
    {
      taskId: null,
      action,
      fence: null,
      attempt: 0,
      nodeId,
      expiresAtMs: null,
      agent,
    },
  )
