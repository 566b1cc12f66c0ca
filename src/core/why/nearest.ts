import type { NodeSlots } from '../index/node-slots.js'
import type { Ask } from '../placement/ask.js'
import { type Candidate, compareLacks, lackCodes, type NodeLack, nodeLacks } from './node-lacks.js'
import type { WaitReason } from './wait-reason.js'
import { lackSentence } from './words.js'

/** The master that lacks least for an ask, ties by id; null when none has joined, or the named one is unknown. */
function nearestNode(
  nodes: Iterable<NodeSlots>,
  ask: Ask,
  key: string,
): { readonly candidate: Candidate; readonly lacks: readonly NodeLack[]; readonly equals: number } | null {
  let best: { readonly candidate: Candidate; readonly lacks: readonly NodeLack[] } | null = null
  let equals = 0
  for (const slots of nodes) {
    const { node } = slots
    if (node === null) continue
    const candidate = { node, slots }
    const lacks = nodeLacks(candidate, ask, key)
    const difference = best === null ? -1 : compareLacks(lacks, best.lacks)
    equals = difference < 0 ? 1 : difference === 0 ? equals + 1 : equals
    const isNearer =
      difference < 0 || (difference === 0 && best !== null && node.nodeId < best.candidate.node.nodeId)
    if (isNearer) best = { candidate, lacks }
  }
  return best === null ? null : { ...best, equals }
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
  const { candidate, lacks, equals } = found
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
