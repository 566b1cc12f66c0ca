import { limits } from '../core/limits.js'
import type { RunEnd } from '../core/runs/run.js'
import type * as wire from '../gen/agentflow/v1/node_sync_pb.js'
import type {
  DurableUpdate,
  LinesUpdate,
  NodeUpdate,
  OutputLine,
  ProgressUpdate,
} from '../ports/node-link.js'
import { agentsFromWire, evidenceFromWire, runRefFromWire } from './parts-from-wire.js'
import {
  atMost,
  count,
  countOrNull,
  fraction,
  fractionOrNull,
  freeText,
  json,
  malformed,
  name,
  nameOrEmpty,
  ordinal,
  present,
  quantity,
} from './wire-checks.js'
import {
  declineCodes,
  lineLevels,
  lineStreams,
  receiptStates,
  runOutcomes,
  runStates,
  stallKinds,
  wordOf,
} from './wire-words.js'

/** Whose stream an update came on. */
export interface StreamIdentity {
  readonly nodeId: string
  readonly incarnation: number
}

/**
 * One wire message after the register → its updates, in order. Throws ControlError invalid_request for whatever does
 * not hold to docs/protocol.md.
 */
export function updatesFromWire(message: wire.NodeUpdate, stream: StreamIdentity): readonly NodeUpdate[] {
  if (message.payload.case !== 'batch') return [updateFromWire(message, stream)]
  checkSender(message, stream)
  const updates = atMost(message.payload.value.updates, limits.linkBatchUpdatesMax, 'batch')
  return updates.map((update) => updateFromWire(update, stream))
}

function updateFromWire(message: wire.NodeUpdate, stream: StreamIdentity): NodeUpdate {
  checkSender(message, stream)
  const { payload } = message
  switch (payload.case) {
    case 'taskUpdate':
      return numbered(message, stream, runUpdate(payload.value))
    case 'declined':
      return numbered(message, stream, declineUpdate(payload.value))
    case 'alert':
      return numbered(message, stream, stallUpdate(payload.value))
    case 'agents':
      return numbered(message, stream, { kind: 'agents', agents: agentsFromWire(payload.value.agents) })
    case 'receipt':
      return numbered(message, stream, receiptUpdate(payload.value))
    case undefined:
      return malformed('the update has no payload that this leader knows')
    default:
      if (message.uplinkSeq !== 0n) malformed(`${payload.case} must not have an uplink_seq`)
      return unnumbered(payload, message)
  }
}

type Unnumbered = Exclude<
  wire.NodeUpdate['payload'],
  { case: 'taskUpdate' | 'declined' | 'alert' | 'agents' | 'receipt' | undefined }
>

function unnumbered(payload: Unnumbered, message: wire.NodeUpdate): NodeUpdate {
  switch (payload.case) {
    case 'metrics':
      return {
        kind: 'metrics',
        atMs: ordinal(message.timestamp, 'timestamp'),
        cpu: fraction(payload.value.cpu, 'metrics.cpu'),
        memory: fraction(payload.value.memory, 'metrics.memory'),
        disk: fraction(payload.value.disk, 'metrics.disk'),
        rxBytesPerS: count(payload.value.networkRxBytesPerS, 'metrics.network_rx_bytes_per_s'),
        txBytesPerS: count(payload.value.networkTxBytesPerS, 'metrics.network_tx_bytes_per_s'),
      }
    case 'lines':
      return linesUpdate(payload.value)
    case 'progress':
      return progressUpdate(payload.value, message.timestamp)
    case 'ping':
      return { kind: 'ping', nonce: count(payload.value.nonce, 'ping.nonce') }
    case 'pong':
      return { kind: 'pong', nonce: count(payload.value.nonce, 'pong.nonce') }
    case 'ack':
      return { kind: 'ack', commandSeq: count(payload.value.seq, 'ack.seq') }
    case 'lease':
      return { kind: 'lease', sentAtMs: count(payload.value.sentAt, 'lease.sent_at') }
    case 'call':
      return callFromWire(payload.value)
    case 'register':
      return malformed('register may only be the first update of a stream')
    case 'batch':
      return malformed('a batch may not hold a batch')
  }
}

function callFromWire(value: wire.ToolCall): NodeUpdate {
  if (value.argsJson.length > limits.requestBytesMax)
    malformed(`call.args_json is over ${limits.requestBytesMax} characters`)
  return {
    kind: 'call',
    nonce: ordinal(value.nonce, 'call.nonce'),
    token: value.token.slice(0, tokenLengthMax),
    tool: name(value.tool, 'call.tool'),
    argsJson: value.argsJson,
    waitMs: Math.min(count(value.waitMs, 'call.wait_ms'), limits.waitMsMax),
    idempotencyKey: nameOrEmpty(value.idempotencyKey, 'call.idempotency_key') || null,
  }
}

/** A longer one is none of ours. */
const tokenLengthMax = 500

function checkSender(message: wire.NodeUpdate, stream: StreamIdentity): void {
  if (message.nodeId !== stream.nodeId && message.nodeId !== '') {
    malformed(`node_id is "${nameOrEmpty(message.nodeId, 'node_id')}" on the stream of "${stream.nodeId}"`)
  }
}

function numbered(message: wire.NodeUpdate, stream: StreamIdentity, update: DurableUpdate): NodeUpdate {
  return {
    kind: 'durable',
    incarnation: count(message.incarnation, 'incarnation') || stream.incarnation,
    uplinkSeq: ordinal(message.uplinkSeq, 'uplink_seq'),
    atMs: ordinal(message.timestamp, 'timestamp'),
    update,
  }
}

function runUpdate(value: wire.TaskStatusUpdate): DurableUpdate {
  const run = runRefFromWire(value)
  const state = runStates.fromWire(value.state)
  if (state === 'ended') {
    return { kind: 'ended', ...run, end: runEndFromWire(present(value.end, 'task_update.end')) }
  }
  if (value.end !== undefined) malformed('task_update.end stands only with RUN_STATE_ENDED')
  const { taskId, attempt, fence } = run
  return { kind: 'run', taskId, attempt, fence, state, pid: countOrNull(value.pid, 'task_update.pid') }
}

function runEndFromWire(value: wire.RunEnd): RunEnd {
  return {
    outcome: runOutcomes.fromWire(value.outcome),
    exitCode: value.exitCode ?? null,
    signal: nameOrEmpty(value.signal, 'end.signal') || null,
    value: json(value.valueJson, limits.resultValueBytesMax, 'end.value_json'),
    tail: freeText(value.tail, limits.tailBytesMax),
    message: freeText(value.message) || null,
    outBytes: count(value.outBytes, 'end.out_bytes'),
    errBytes: count(value.errBytes, 'end.err_bytes'),
    progress: fractionOrNull(value.progress, 'end.progress'),
    ...(value.ranMs === undefined ? {} : { ranMs: count(value.ranMs, 'end.ran_ms') }),
  }
}

function declineUpdate(value: wire.TaskDeclined): DurableUpdate {
  return {
    kind: 'declined',
    ...runRefFromWire(value),
    code: wordOf(declineCodes, value.code, 'declined.code'),
    text: freeText(value.text),
    retryAfterMs: count(value.retryAfterMs, 'declined.retry_after_ms'),
  }
}

function stallUpdate(value: wire.StallAlert): DurableUpdate {
  const run = runRefFromWire(value)
  if (value.cleared) return { kind: 'stall_cleared', ...run }
  const evidence = evidenceFromWire(present(value.evidence, 'alert.evidence'))
  return {
    kind: 'stall',
    ...run,
    stall: {
      kind: stallKinds.fromWire(value.kind),
      sinceMs: ordinal(value.since, 'alert.since'),
      lines: evidence.lines,
    },
    evidence,
  }
}

function receiptUpdate(value: wire.Receipt): DurableUpdate {
  return {
    kind: 'receipt',
    commandId: name(value.commandId, 'receipt.command_id'),
    state: receiptStates.fromWire(value.state),
    detail: freeText(value.detail),
  }
}

function linesUpdate(value: wire.LineBatch): LinesUpdate {
  const offset = count(value.offset, 'lines.offset')
  const nextOffset = count(value.nextOffset, 'lines.next_offset')
  if (nextOffset < offset) malformed(`lines.next_offset ${nextOffset} is before lines.offset ${offset}`)
  const gapReason = freeText(value.gapReason) || null
  if (gapReason !== null && value.lines.length > 0) malformed('a gap may not hold lines')
  return {
    kind: 'lines',
    ...runRefFromWire(value),
    stream: lineStreams.fromWire(value.stream),
    offset,
    nextOffset,
    lines: value.lines.map(lineFromWire),
    gapReason,
  }
}

function lineFromWire(value: wire.LogLine): OutputLine {
  return {
    atMs: ordinal(value.at, 'line.at'),
    level: lineLevels.fromWire(value.level),
    text: freeText(value.text, limits.lineBytesMax),
  }
}

function progressUpdate(value: wire.TaskProgress, timestamp: bigint): ProgressUpdate {
  return {
    kind: 'progress',
    ...runRefFromWire(value),
    atMs: ordinal(timestamp, 'timestamp'),
    progress: fractionOrNull(value.progress, 'progress.progress'),
    text: freeText(value.text) || null,
    pid: countOrNull(value.pid, 'progress.pid'),
    cpuCores: quantity(value.cpuCores, 'progress.cpu_cores'),
    memoryBytes: count(value.memoryBytes, 'progress.memory_bytes'),
    ...(value.partialJson === ''
      ? {}
      : { partial: { value: json(value.partialJson, limits.partialBytesMax, 'progress.partial_json') } }),
  }
}
