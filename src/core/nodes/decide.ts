import { clearAlert } from '../alerts/clear.js'
import { raise } from '../alerts/raise.js'
import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { asCommandId, type NodeId } from '../ids.js'
import { alertRoot } from '../index/indexes.js'
import type { Command, HeldRun } from '../input.js'
import { limits } from '../limits.js'
import { stepReceipt } from '../receipts/decide.js'
import { nodeSubject } from '../receipts/receipt.js'
import { lostEnd } from '../runs/end.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import { withoutLeaving } from './agent-acts.js'
import type { Node, NodeJoin, NodeStatus } from './node.js'

type Register = Extract<Command, { name: 'register_node' }>

export const aboutNode = (nodeId: NodeId) => ({ kind: 'node' as const, id: nodeId, projectId: null })

/** A stream is open: the node is online, and what it holds is compared with what the leader believes. */
export function decideRegister(state: State, command: Register): Decision {
  const known = state.node(command.nodeId)
  if (known === undefined && state.tables.node.size >= limits.nodesMax) {
    throw new ControlError('resource_exhausted', `the cluster has ${limits.nodesMax} nodes already`)
  }
  const { incarnation, version, url, capabilities } = command
  const agents = withoutLeaving(state, command.nodeId, command.agents)
  const drafts: EventDraft[] = []
  if (
    known === undefined ||
    !state.index.slots.isOpen(command.nodeId) ||
    hasChanged(known, { ...command, agents })
  ) {
    drafts.push(
      draft('NodeRegistered', aboutNode(command.nodeId), {
        incarnation,
        version,
        url,
        capabilities,
        agents,
        ...joinOf(known, incarnation),
        ...leavingOf(known, command.agents),
      }),
    )
  }
  const restarted = known !== undefined && known.incarnation !== incarnation
  return done([
    ...drafts,
    ...reconcile(state, command.nodeId, command.inventory, restarted ? known.incarnation : null),
    ...(restarted ? afterRestart(state, command.nodeId) : []),
  ])
}

/** [TG7] A master whose link was cut for a moment does not join again. */
function joinOf(known: Node | undefined, incarnation: number): { readonly joined?: NodeJoin } {
  if (known === undefined) return { joined: 'new' }
  if (known.incarnation !== incarnation) return { joined: 'restarted' }
  return known.status === 'offline' ? { joined: 'returned' } : {}
}

/** [QU4] What it was set aside for went with its old process, so a new one starts with a clean slate. */
function afterRestart(state: State, nodeId: NodeId): EventDraft[] {
  return [
    ...closeReceipts(state, nodeId),
    ...clearAlert(state, alertRoot('quarantined', nodeId), 'the master was restarted'),
  ]
}

/**
 * [RC2] A master that was restarted cannot tell the last step of commands on runs that are over; nobody waits for it. Of
 * its own restart its return is the last step.
 */
function closeReceipts(state: State, nodeId: NodeId): EventDraft[] {
  return [...state.index.openReceipts.values()]
    .flatMap((open) => [...open])
    .sort()
    .flatMap((commandId) => {
      const receipt = state.receipt(commandId)
      if (receipt === undefined || receipt.nodeId !== nodeId) return []
      // What is not about the process itself is still wanted; the new one is told anew.
      if (['drain', 'create_agent', 'delete_agent'].includes(receipt.action)) return []
      if (receipt.taskId === null) return [stepReceipt(receipt, 'done', `${nodeId} is back`)]
      const task = state.task(receipt.taskId)
      if (task?.state.phase === 'live' && task.state.run.fence === receipt.fence) return []
      const final = receipt.action === 'cancel' || receipt.action === 'move' ? 'stopped' : 'refused'
      return [
        stepReceipt(receipt, final, `the run is over, and ${nodeId} was restarted before it could say more`),
      ]
    })
}

function hasChanged(node: Node, command: Register): boolean {
  const { incarnation, version, url, capabilities, agents } = node
  const mine = { incarnation, version, url, capabilities, agents }
  const theirs = {
    incarnation: command.incarnation,
    version: command.version,
    url: command.url,
    capabilities: command.capabilities,
    agents: command.agents,
  }
  return JSON.stringify(mine) !== JSON.stringify(theirs)
}

/**
 * Runs that the leader holds live on this node, against the node's own list. An ended one is left to its durable
 * report; one that was never started is handed over again; one that was started and is gone is lost. `goneIncarnation`:
 * the process that held them, when the node came back as another one.
 */
function reconcile(
  state: State,
  nodeId: NodeId,
  inventory: readonly HeldRun[],
  goneIncarnation: number | null,
): EventDraft[] {
  const held = new Map(inventory.map((run) => [run.fence as number, run]))
  const drafts: EventDraft[] = []
  for (const taskId of [...state.index.slots.tasksOn(nodeId)].sort()) {
    const task = state.task(taskId)
    if (task?.state.phase !== 'live') continue
    const { run } = task.state
    const phase = run.phase === 'unknown' ? run.phaseBefore : run.phase
    const theirs = held.get(run.fence)
    if (theirs === undefined && phase !== 'assigned') {
      const end = lostEnd(`${nodeId} came back without this run`)
      const ended = { fence: run.fence, end }
      drafts.push(
        draft('RunEnded', aboutTask(task), goneIncarnation === null ? ended : { ...ended, goneIncarnation }),
      )
      continue
    }
    if (theirs?.state === 'ended') continue
    const now = theirs?.state ?? 'assigned'
    if (now !== run.phase) {
      drafts.push(
        draft('RunChanged', aboutTask(task), { fence: run.fence, phase: now, pid: theirs?.pid ?? null }),
      )
    }
  }
  return drafts
}

/** [RC10] The process restarts, its runs go on. One restart at a time: asked again, it is the same. */
export function decideRestart(state: State, nodeId: NodeId): Decision {
  if (state.node(nodeId) === undefined)
    throw new ControlError('worker_not_found', `there is no master ${nodeId}`)
  const open = [...(state.index.openReceipts.get(nodeSubject(nodeId)) ?? [])].find(
    (commandId) => state.receipt(commandId)?.action === 'restart',
  )
  if (open !== undefined)
    return { drafts: [], answer: () => ({ kind: 'receipt', commandId: asCommandId(open) }) }
  const body = {
    taskId: null,
    action: 'restart',
    fence: null,
    attempt: 0,
    nodeId,
    expiresAtMs: null,
  } as const
  return {
    drafts: [draft('CommandIssued', { kind: 'receipt', id: born, projectId: null }, body)],
    answer: (events) => ({ kind: 'receipt', commandId: asCommandId(events[0]?.entity.id ?? '') }),
  }
}

/** [LV1] A silent master is `unknown` at once; nothing is judged dead yet. */
export function decideSilent(state: State, nodeId: NodeId, reason: string): Decision {
  const node = state.node(nodeId)
  if (node === undefined || node.status === 'unknown' || node.status === 'offline') return done([])
  return done([changed(nodeId, 'unknown', reason)])
}

/** [LV2] `deaf`: the transport lives, the command handler does not answer. */
export function decideDeaf(state: State, nodeId: NodeId, deaf: boolean): Decision {
  const node = state.node(nodeId)
  if (node === undefined) return done([])
  if (!deaf) return done(node.status === 'deaf' ? [changed(nodeId, 'online', 'it answers again')] : [])
  if (node.status !== 'online') return done([])
  const message = `${nodeId} is connected but does not answer: its command handler is stuck`
  return done([
    changed(nodeId, 'deaf', 'a path ping was not answered'),
    ...raise(state, nodeId, 'deaf', message),
  ])
}

/**
 * [LV3] Still silent after limits.nodeOfflineAfterMs: offline, and an alert. What becomes of its tasks, their leases say.
 * [FN6] [ND5] One that took its agents away, or was drained, and holds nothing has left in order: nobody needs to look.
 */
export function decideOffline(state: State, nodeId: string, nowMs: number): readonly EventDraft[] {
  const node = state.node(nodeId)
  if (node?.status !== 'unknown' || node.statusSinceMs + limits.nodeOfflineAfterMs > nowMs) return []
  const tasks = state.index.slots.runsOn(nodeId)
  const message = `${nodeId} has been silent for ${limits.nodeOfflineAfterMs / 1000} s${tasks === 0 ? '' : `; ${tasks} of its tasks are unknown`}`
  const offline = changed(node.nodeId, 'offline', 'silent')
  if (tasks === 0 && (node.leaving === true || node.hold?.kind === 'drained')) return [offline]
  return [offline, ...raise(state, node.nodeId, 'offline', message)]
}

export function decideAgents(state: State, nodeId: string, told: Node['agents']): readonly EventDraft[] {
  const node = state.node(nodeId)
  const agents = withoutLeaving(state, nodeId, told)
  if (node === undefined || JSON.stringify(node.agents) === JSON.stringify(agents)) return []
  return [draft('NodeAgentsChanged', aboutNode(node.nodeId), { agents, ...leavingOf(node, told) })]
}

/**
 * [ND5] A master that is about to go tells of no agents any more. One whose agents were all deleted tells of none
 * either, but there the leader took the last one away.
 */
function leavingOf(node: Node | undefined, told: Node['agents']): { readonly leaving?: true } {
  if (told.length > 0) return {}
  return node === undefined || node.agents.length > 0 || node.leaving === true ? { leaving: true } : {}
}

export const changed = (nodeId: NodeId, status: NodeStatus, reason: string): EventDraft =>
  draft('NodeStatusChanged', aboutNode(nodeId), { status, reason })
