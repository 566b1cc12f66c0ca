import type { NodeSlots } from '../index/node-slots.js'
import type { Ask } from '../placement/ask.js'
import { type Candidate, lackBits, lackCodes, lacksIn } from './node-lacks.js'
import type { WaitReason } from './wait-reason.js'
import { lackSentence } from './words.js'

interface Found {
  readonly candidate: Candidate
  readonly lacks: number
  /** Masters that lack as much, this one included. */
  readonly equals: number
}

/** The master that lacks least for an ask, ties by id; null when none has joined, or the named one is unknown. */
function nearestNode(nodes: Iterable<NodeSlots>, ask: Ask, key: string): Found | null {
  let nearest: Candidate | null = null
  let least = Number.POSITIVE_INFINITY
  let equals = 0
  for (const slots of nodes) {
    const { node } = slots
    if (node === null) continue
    const candidate = { node, slots }
    const lacks = lackBits(candidate, ask, key)
    if (lacks > least) continue
    equals = lacks < least ? 1 : equals + 1
    if (nearest === null || lacks < least || node.nodeId < nearest.node.nodeId) nearest = candidate
    least = lacks
  }
  return nearest === null ? null : { candidate: nearest, lacks: least, equals }
}

/** Why no node takes what asks this; null = one would, now. `nodes`: those that may, so the named one alone where one is named. */
export function roomReason(nodes: Iterable<NodeSlots>, ask: Ask, key: string): WaitReason | null {
  const found = nearestNode(nodes, ask, key)
  if (found === null) {
    const text =
      ask.workerId === null
        ? 'No master has joined yet. Start one: agentflow master'
        : `There is no master ${ask.workerId} any more.`
    return { code: 'worker_offline', text, nearest: null, until: null }
  }
  const { candidate, equals } = found
  const lacks = lacksIn(found.lacks)
  const [gravest] = lacks
  if (gravest === undefined) return null
  const codes = lackCodes(candidate, key, lacks)
  const decline = gravest === 'declined' ? candidate.slots.declineOf(key) : null
  return {
    code: codes[0] ?? 'no_slot',
    text: lackSentence(gravest, { ...candidate, ask, equals, decline }),
    nearest: { workerId: candidate.node.nodeId, lacks: codes },
    until: decline?.untilMs ?? null,
  }
}
