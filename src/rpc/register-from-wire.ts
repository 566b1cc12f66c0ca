import { asTaskId, fenceOf } from '../core/ids.js'
import type { HeldRun } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Capabilities } from '../core/nodes/node.js'
import type * as wire from '../gen/agentflow/v1/node_sync_pb.js'
import type { Register } from '../ports/node-link.js'
import { agentsFromWire, runRefFromWire } from './parts-from-wire.js'
import { atMost, count, countOrNull, malformed, name, nameOrEmpty, ordinal, present } from './wire-checks.js'
import { runStates } from './wire-words.js'

/** Version of the protocol that docs/protocol.md describes; a register with another one is refused. */
export const protocolVersion = 1

/** The first update of a stream: who speaks and what it holds. Throws ControlError invalid_request. */
export function registerFromWire(message: wire.NodeUpdate): { nodeId: string; register: Register } {
  const { payload } = message
  if (payload.case !== 'register') malformed('the first update of a stream must be register')
  const value = payload.value
  if (value.protocol !== protocolVersion) {
    malformed(`register.protocol is ${value.protocol}; this leader speaks ${protocolVersion}`)
  }
  return {
    nodeId: nodeIdFromWire(message.nodeId),
    register: {
      kind: 'register',
      incarnation: ordinal(value.incarnation, 'register.incarnation'),
      version: nameOrEmpty(value.version, 'register.version'),
      capabilities: capabilitiesFromWire(present(value.capabilities, 'register.capabilities')),
      inventory: atMost(value.inventory, limits.linkInventoryMax, 'inventory').map(heldRunFromWire),
      agents: agentsFromWire(value.agents),
      ackedUplinkSeq: count(value.ackedUplinkSeq, 'register.acked_uplink_seq'),
      term: count(value.term, 'register.term'),
      commandSeq: count(value.commandSeq, 'register.command_seq'),
      logId: nameOrEmpty(value.logId, 'register.log_id'),
      url: nameOrEmpty(value.url, 'register.url') || null,
      ...(value.takesBatches ? { takesBatches: true } : {}),
    },
  }
}

/** Node ids stand in topics, chat contexts and URLs, so their letters are few. */
function nodeIdFromWire(nodeId: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,62}$/.test(name(nodeId, 'node_id'))) {
    malformed('node_id may hold letters, digits, dot, dash and underscore, at most 63 of them')
  }
  return nodeId
}

function capabilitiesFromWire(value: wire.Capabilities): Capabilities {
  const labels = Object.entries(value.labels)
  atMost(labels, limits.labelsMax, 'capabilities.labels')
  for (const [key, label] of labels) {
    name(key, 'a label')
    nameOrEmpty(label, `label ${key}`)
  }
  const slots = count(value.slots, 'capabilities.slots')
  if (slots > limits.slotsMax)
    malformed(`capabilities.slots is ${slots}; at most ${limits.slotsMax} are taken`)
  return {
    os: nameOrEmpty(value.os, 'capabilities.os'),
    arch: nameOrEmpty(value.arch, 'capabilities.arch'),
    cpus: count(value.cpus, 'capabilities.cpus'),
    memoryBytes: count(value.memoryBytes, 'capabilities.memory_bytes'),
    gpus: names(value.gpus, 'capabilities.gpus'),
    labels: value.labels,
    projectTypes: names(value.projectTypes, 'capabilities.project_types'),
    slots,
    host: nameOrEmpty(value.host, 'capabilities.host'),
  }
}

const names = (values: readonly string[], field: string): readonly string[] =>
  atMost(values, limits.labelsMax, field).map((value) => name(value, field))

function heldRunFromWire(value: wire.RunInventory): HeldRun {
  const run = runRefFromWire(value)
  return {
    taskId: asTaskId(run.taskId),
    attempt: run.attempt,
    fence: fenceOf(run.fence),
    state: runStates.fromWire(value.state),
    pid: countOrNull(value.pid, 'inventory.pid'),
    outBytes: count(value.outBytes, 'inventory.out_bytes'),
    errBytes: count(value.errBytes, 'inventory.err_bytes'),
  }
}
