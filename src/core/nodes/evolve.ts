import type { LogEvent } from '../event.js'
import { nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Node, NodeHold, Uplink } from './node.js'

export function evolveNode(node: Node | undefined, event: LogEvent): Node | undefined {
  switch (event.type) {
    case 'NodeRegistered':
      return {
        kind: 'node',
        nodeId: nodeIdOf(event.entity.id),
        incarnation: event.body.incarnation,
        version: event.body.version,
        url: event.body.url,
        capabilities: event.body.capabilities,
        agents: event.body.agents,
        status: 'online',
        statusSinceMs: node?.status === 'online' ? node.statusSinceMs : event.atMs,
        registeredAtMs: event.atMs,
        ...returnsOf(node, event.body.incarnation, event.atMs),
        ...(node?.hold === undefined ? {} : { hold: node.hold }),
        ...(event.body.leaving === true ? { leaving: true } : {}),
        seq: event.seq,
      }
    case 'NodeStatusChanged':
      if (node === undefined) return undefined
      return { ...node, status: event.body.status, statusSinceMs: event.atMs, seq: event.seq }
    case 'NodeAgentsChanged': {
      if (node === undefined) return undefined
      const { leaving: _before, ...stays } = node
      const { agents, leaving } = event.body
      return { ...stays, agents, ...(leaving === true ? { leaving } : {}), seq: event.seq }
    }
    case 'NodeCordoned':
      return held(node, event, { kind: 'cordoned', ...askedBy(event) })
    case 'NodeDraining': {
      const { commandId, deadlineAtMs } = event.body
      return held(node, event, { kind: 'draining', ...askedBy(event), commandId, deadlineAtMs })
    }
    case 'NodeDrained': {
      const { by, sinceMs } = node?.hold ?? askedBy(event)
      return held(node, event, { kind: 'drained', by, sinceMs })
    }
    case 'NodeUncordoned': {
      if (node === undefined) return undefined
      const { hold: _over, ...free } = node
      return { ...free, seq: event.seq }
    }
    default:
      return node
  }
}

function returnsOf(node: Node | undefined, incarnation: number, atMs: number): Pick<Node, 'returns'> {
  if (node === undefined) return {}
  const { returns = [] } = node
  if (node.incarnation !== incarnation || (node.status !== 'unknown' && node.status !== 'offline'))
    return returns.length === 0 ? {} : { returns }
  const others = returns.filter((one) => one.incarnation !== incarnation)
  return { returns: [{ incarnation, atMs }, ...others].slice(0, limits.uplinkIncarnationsKept) }
}

const askedBy = ({ actor, atMs }: LogEvent): { readonly by: string; readonly sinceMs: number } => ({
  by: actor.onBehalfOf ?? actor.principalId,
  sinceMs: atMs,
})

const held = (node: Node | undefined, event: LogEvent, hold: NodeHold): Node | undefined =>
  node === undefined ? undefined : { ...node, hold, seq: event.seq }

/** Folds `origin` of any event. Invariant: a position never goes back. */
export function evolveUplink(uplink: Uplink | undefined, event: LogEvent): Uplink | undefined {
  const { origin } = event
  if (origin === undefined) return uplink
  const known = uplink?.incarnations ?? []
  const [newest, ...older] = known
  if (newest?.incarnation === origin.incarnation) {
    const position = { incarnation: origin.incarnation, seq: Math.max(newest.seq, origin.uplinkSeq) }
    return {
      kind: 'uplink',
      nodeId: nodeIdOf(origin.nodeId),
      incarnations: [position, ...older],
      seq: event.seq,
    }
  }
  const before = known.find((entry) => entry.incarnation === origin.incarnation)
  const position = { incarnation: origin.incarnation, seq: Math.max(before?.seq ?? 0, origin.uplinkSeq) }
  return {
    kind: 'uplink',
    nodeId: nodeIdOf(origin.nodeId),
    incarnations: [...known.filter((entry) => entry !== before), position]
      .sort((a, b) => b.incarnation - a.incarnation)
      .slice(0, limits.uplinkIncarnationsKept),
    seq: event.seq,
  }
}
