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

/** A bit for each lack, the gravest highest: the lower of two sets of lacks is the lesser one. */
const bits = Object.fromEntries(
  lackOrder.map((lack, position) => [lack, 1 << (lackOrder.length - 1 - position)]),
) as Readonly<Record<NodeLack, number>>

/** All that it lacks, as bits; 0 = the task fits here now. Looked at for every node, so it makes nothing. */
export function lackBits({ node, slots }: Candidate, ask: Ask, key: string): number {
  let lacks = 0
  for (const lack of lacksOf(node, ask)) if (lack !== 'worker') lacks |= bits[lack]
  const { needs } = ask
  const [one, other] = slots.places
  const hasSlots = Math.max(one.slots, other.slots) >= Math.max(1, needs.slots)
  const hasMemory = needs.memoryBytes === 0 || node.capabilities.memoryBytes >= needs.memoryBytes
  if (!hasSlots) lacks |= bits.slots_ever
  if (!hasMemory) lacks |= bits.memory_ever
  if (!slots.isOpen) lacks |= bits.offline
  if (node.hold !== undefined) lacks |= bits.cordoned
  if (slots.hasDeclined(key)) lacks |= bits.declined
  if (hasSlots && Math.max(one.slotsFree, other.slotsFree) < needs.slots) lacks |= bits.slots
  if (hasMemory && needs.memoryBytes > 0 && slots.memoryFreeBytes < needs.memoryBytes) lacks |= bits.memory
  return lacks
}

/** In the order of gravity. */
export const lacksIn = (lacks: number): readonly NodeLack[] =>
  lackOrder.filter((lack) => (lacks & bits[lack]) !== 0)

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
