import type { Origin } from '../core/event.js'
import { nodeIdOf } from '../core/ids.js'
import type { Input, NodeCommand } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { CrashNotes } from '../ports/crash-notes.js'

/** Uplink seqs begin at 1. */
const registerSeq = 0

/** What a crash on this input is noted under; null when no master sent it. */
export function crashOrigin({ command, origin }: Input): Origin | null {
  if (command.name === 'register_node') {
    const { nodeId, incarnation } = command
    return { nodeId, incarnation, uplinkSeq: registerSeq }
  }
  return origin ?? null
}

/**
 * [QU2] What is decided in the place of an input on which the leader ended limits.crashesUntilQuarantine times; null while
 * it may be tried.
 */
export function setAsideOf(notes: CrashNotes, input: Input<NodeCommand>): Input | null {
  const crashed = crashOrigin(input)
  const crashes = crashed === null ? 0 : notes.count(crashed)
  if (crashed === null || crashes < limits.crashesUntilQuarantine) return null
  const closes = crashes === limits.crashesUntilQuarantine
  const nodeId = nodeIdOf(crashed.nodeId)
  const command = { name: 'set_aside' as const, nodeId, told: input.command, closes }
  return { ...input, command, principal: { kind: 'system', id: 'system' }, via: 'system' }
}
