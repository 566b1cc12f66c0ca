import type { NodeSlots } from '../index/node-slots.js'
import type { Node } from '../nodes/node.js'
import { type Ask, lacksOf } from '../placement/ask.js'
import type { WaitCode } from './wait-reason.js'

/**
 * What stands between a task and a master, from what only another master can heal to what time heals: the order is how
 * grave it is.
 */
export const lackOrder = [
  'capability',
  'gpu',
  'label',
  'slots_ever',
  'memory_ever',
  'offline',
  'cordoned',
  'declined',
  'slots',
  'memory',
] as const
export type NodeLack = (typeof lackOrder)[number]

const codes: Readonly<Record<Exclude<NodeLack, 'declined'>, WaitCode>> = {
  capability: 'no_capability',
  gpu: 'no_capability',
  label: 'no_label',
  slots_ever: 'no_slot',
  memory_ever: 'no_memory',
  offline: 'worker_offline',
  cordoned: 'cordoned',
  slots: 'no_slot',
  memory: 'no_memory',
}

/** A registered node, and how it stands now. */
export interface Candidate {
  readonly node: Node
  readonly slots: NodeSlots
}

/** In the order of gravity; none = the task fits here now. */
export function nodeLacks({ node, slots }: Candidate, ask: Ask, key: string): readonly NodeLack[] {
  const lacks: NodeLack[] = lacksOf(node, ask).flatMap((lack) => (lack === 'worker' ? [] : lack))
  lacks.sort((one, other) => lackOrder.indexOf(one) - lackOrder.indexOf(other))
  const { needs } = ask
  const most = (of: 'slots' | 'slotsFree'): number => Math.max(...slots.places.map((place) => place[of]))
  const hasSlots = most('slots') >= Math.max(1, needs.slots)
  const hasMemory = needs.memoryBytes === 0 || node.capabilities.memoryBytes >= needs.memoryBytes
  if (!hasSlots) lacks.push('slots_ever')
  if (!hasMemory) lacks.push('memory_ever')
  if (!slots.isOpen) lacks.push('offline')
  if (node.hold !== undefined) lacks.push('cordoned')
  if (slots.hasDeclined(key)) lacks.push('declined')
  if (hasSlots && most('slotsFree') < needs.slots) lacks.push('slots')
  if (hasMemory && needs.memoryBytes > 0 && slots.memoryFreeBytes < needs.memoryBytes) lacks.push('memory')
  return lacks
}

/** As the task shows it, each code once. A decline is shown by what the master was short of. */
export function lackCodes(
  { slots }: Candidate,
  key: string,
  lacks: readonly NodeLack[],
): readonly WaitCode[] {
  const isShortOfMemory = slots.declineOf(key)?.code === 'no_memory'
  const shown = lacks.map((lack) =>
    lack === 'declined' ? (isShortOfMemory ? 'no_memory' : 'no_slot') : codes[lack],
  )
  return [...new Set(shown)]
}

/** Below 0: the first lacks less, compared from the gravest on. */
export function compareLacks(one: readonly NodeLack[], other: readonly NodeLack[]): number {
  for (const lack of lackOrder) {
    const difference = Number(one.includes(lack)) - Number(other.includes(lack))
    if (difference !== 0) return difference
  }
  return 0
}
