import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { StallEvidence } from '../core/alerts/alert.js'
import type { Agent } from '../core/nodes/node.js'
import type { RunEnd } from '../core/runs/run.js'
import {
  type AgentSchema,
  type LineOffsetSchema,
  type NodeUpdate as NodeUpdateMessage,
  NodeUpdateSchema,
  type RunEndSchema,
  type StallEvidenceSchema,
} from '../gen/agentflow/v1/node_sync_pb.js'
import type { DurableUpdate, LineOffset, NodeUpdate, Register } from '../ports/node-link.js'
import { protocolVersion } from './register-from-wire.js'
import { lineLevels, lineStreams, receiptStates, runOutcomes, runStates, stallKinds } from './wire-words.js'

type UpdateInit = MessageInitShape<typeof NodeUpdateSchema>
type Payload = NonNullable<UpdateInit['payload']>

/** Who sends, and when: the stamp of updates that carry no time of their own. */
export interface Sender {
  readonly nodeId: string
  readonly nowMs: number
}

/** Updates of one tick → one wire message: the change itself, or a batch. `register` must come alone. */
export function updatesToWire(updates: readonly NodeUpdate[], sender: Sender): NodeUpdateMessage {
  const only = updates.length === 1 ? updates[0] : undefined
  if (only !== undefined) {
    return create(NodeUpdateSchema, { nodeId: sender.nodeId, ...updateToWire(only, sender.nowMs) })
  }
  return create(NodeUpdateSchema, {
    nodeId: sender.nodeId,
    timestamp: BigInt(sender.nowMs),
    payload: {
      case: 'batch',
      value: { updates: updates.map((update) => updateToWire(update, sender.nowMs)) },
    },
  })
}

function updateToWire(update: NodeUpdate, nowMs: number): UpdateInit {
  if (update.kind === 'durable') {
    return {
      timestamp: BigInt(update.atMs),
      uplinkSeq: BigInt(update.uplinkSeq),
      incarnation: BigInt(update.incarnation),
      payload: durableToWire(update.update),
    }
  }
  const atMs = update.kind === 'metrics' || update.kind === 'progress' ? update.atMs : nowMs
  return { timestamp: BigInt(atMs), payload: unnumberedToWire(update) }
}

function durableToWire(update: DurableUpdate): Payload {
  switch (update.kind) {
    case 'run':
      return {
        case: 'taskUpdate',
        value: { ...runRef(update), state: runStates.toWire[update.state], pid: BigInt(update.pid ?? 0) },
      }
    case 'ended':
      return {
        case: 'taskUpdate',
        value: { ...runRef(update), state: runStates.toWire.ended, end: runEndToWire(update.end) },
      }
    case 'declined':
      return {
        case: 'declined',
        value: {
          ...runRef(update),
          code: update.code,
          text: update.text,
          retryAfterMs: BigInt(update.retryAfterMs),
        },
      }
    case 'stall':
      return {
        case: 'alert',
        value: {
          ...runRef(update),
          kind: stallKinds.toWire[update.stall.kind],
          since: BigInt(update.stall.sinceMs),
          evidence: evidenceToWire(update.evidence),
        },
      }
    case 'stall_cleared':
      return { case: 'alert', value: { ...runRef(update), cleared: true } }
    case 'agents':
      return { case: 'agents', value: { agents: update.agents.map(agentToWire) } }
    case 'receipt':
      return {
        case: 'receipt',
        value: {
          commandId: update.commandId,
          state: receiptStates.toWire[update.state],
          detail: update.detail,
        },
      }
  }
}

function unnumberedToWire(update: Exclude<NodeUpdate, { kind: 'durable' }>): Payload {
  switch (update.kind) {
    case 'register':
      return registerToWire(update)
    case 'metrics':
      return {
        case: 'metrics',
        value: {
          cpu: update.cpu,
          memory: update.memory,
          disk: update.disk,
          networkRxBytesPerS: rounded(update.rxBytesPerS),
          networkTxBytesPerS: rounded(update.txBytesPerS),
        },
      }
    case 'lines':
      return {
        case: 'lines',
        value: {
          ...runRef(update),
          stream: lineStreams.toWire[update.stream],
          offset: BigInt(update.offset),
          nextOffset: BigInt(update.nextOffset),
          lines: update.lines.map((line) => ({
            at: BigInt(line.atMs),
            level: lineLevels.toWire[line.level],
            text: line.text,
          })),
          gapReason: update.gapReason ?? '',
        },
      }
    case 'progress':
      return {
        case: 'progress',
        value: {
          ...runRef(update),
          progress: update.progress ?? -1,
          text: update.text ?? '',
          pid: BigInt(update.pid ?? 0),
          cpuCores: update.cpuCores,
          memoryBytes: rounded(update.memoryBytes),
          partialJson: update.partial === undefined ? '' : JSON.stringify(update.partial.value),
        },
      }
    case 'ping':
    case 'pong':
      return { case: update.kind, value: { nonce: BigInt(update.nonce) } }
    case 'ack':
      return { case: 'ack', value: { seq: BigInt(update.commandSeq) } }
    case 'lease':
      return { case: 'lease', value: { sentAt: BigInt(update.sentAtMs) } }
    case 'call': {
      const { nonce, token, tool, argsJson, waitMs, idempotencyKey } = update
      return {
        case: 'call',
        value: {
          nonce: BigInt(nonce),
          token,
          tool,
          argsJson,
          waitMs: BigInt(waitMs),
          idempotencyKey: idempotencyKey ?? '',
        },
      }
    }
  }
}

function registerToWire(register: Register): Payload {
  const { capabilities } = register
  return {
    case: 'register',
    value: {
      protocol: protocolVersion,
      incarnation: BigInt(register.incarnation),
      version: register.version,
      capabilities: {
        ...capabilities,
        memoryBytes: BigInt(capabilities.memoryBytes),
        gpus: [...capabilities.gpus],
        labels: { ...capabilities.labels },
        projectTypes: [...capabilities.projectTypes],
      },
      inventory: register.inventory.map((run) => ({
        ...runRef(run),
        state: runStates.toWire[run.state],
        pid: BigInt(run.pid ?? 0),
        outBytes: BigInt(run.outBytes),
        errBytes: BigInt(run.errBytes),
      })),
      agents: register.agents.map(agentToWire),
      ackedUplinkSeq: BigInt(register.ackedUplinkSeq),
      term: BigInt(register.term),
      commandSeq: BigInt(register.commandSeq),
      logId: register.logId,
      url: register.url ?? '',
      takesBatches: register.takesBatches === true,
    },
  }
}

/** Measured values may have a fraction; int64 has none. */
const rounded = (value: number): bigint => BigInt(Math.round(value))

/** (task, attempt, fence) of any message that speaks of a run. */
export const runRef = (run: {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
}): {
  taskId: string
  attempt: number
  fence: bigint
} => ({ taskId: run.taskId, attempt: run.attempt, fence: BigInt(run.fence) })

/** Byte positions of streams of runs. */
export const lineOffsetsToWire = (
  offsets: readonly LineOffset[],
): MessageInitShape<typeof LineOffsetSchema>[] =>
  offsets.map((line) => ({
    fence: BigInt(line.fence),
    stream: lineStreams.toWire[line.stream],
    offset: BigInt(line.offset),
  }))

const agentToWire = (agent: Agent): MessageInitShape<typeof AgentSchema> => ({
  agentId: agent.agentId,
  kind: agent.kind,
  status: agent.failed ? 'error' : '',
  windowId: agent.windowId ?? '',
  ...(agent.accountIdx === null ? {} : { accountIdx: agent.accountIdx }),
  createdAt: BigInt(agent.createdAtMs),
})

const runEndToWire = (end: RunEnd): MessageInitShape<typeof RunEndSchema> => ({
  outcome: runOutcomes.toWire[end.outcome],
  ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
  signal: end.signal ?? '',
  valueJson: end.value === null || end.value === undefined ? '' : JSON.stringify(end.value),
  tail: end.tail,
  message: end.message ?? '',
  outBytes: BigInt(end.outBytes),
  errBytes: BigInt(end.errBytes),
  progress: end.progress ?? -1,
  ...(end.ranMs === undefined ? {} : { ranMs: BigInt(end.ranMs) }),
})

const evidenceToWire = (evidence: StallEvidence): MessageInitShape<typeof StallEvidenceSchema> => ({
  lines: [...evidence.lines],
  processes: evidence.processes.map((process) => ({
    pid: BigInt(process.pid),
    parentPid: BigInt(process.parentPid),
    command: process.command,
    state: process.state,
    cpuMs: rounded(process.cpuMs),
    memoryBytes: rounded(process.memoryBytes),
  })),
  cpuCores: evidence.cpuCores,
  waitingFor: evidence.waitingFor,
})
