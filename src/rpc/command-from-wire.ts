import { ControlError, isErrorCode } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type * as wire from '../gen/agentflow/v1/node_sync_pb.js'
import type { LeaderCommand, NumberedCommand } from '../ports/node-link.js'
import type { ToolOutcome } from '../ports/tool-calls.js'
import { lineOffsetsFromWire, runRefFromWire } from './parts-from-wire.js'
import { atMost, count, malformed, name, ordinal } from './wire-checks.js'
import {
  agentActions,
  agentKinds,
  controlActions,
  disconnectPolicies,
  leaseClasses,
  wordOf,
} from './wire-words.js'

/** One wire message of a leader → the commands in it. Throws ControlError invalid_request. */
export function commandsFromWire(message: wire.LeaderCommand): readonly LeaderCommand[] {
  if (message.payload.case !== 'batch') return [commandFromWire(message)]
  return atMost(message.payload.value.commands, limits.linkBatchCommandsMax, 'batch').map(commandFromWire)
}

function commandFromWire(message: wire.LeaderCommand): LeaderCommand {
  const { payload } = message
  switch (payload.case) {
    case 'taskRequest':
      return taskRequestFromWire(payload.value, ordinal(message.commandSeq, 'command_seq'))
    case 'control':
      return {
        kind: 'control',
        commandSeq: ordinal(message.commandSeq, 'command_seq'),
        commandId: name(message.commandId, 'command_id'),
        ...runRefFromWire(payload.value),
        action: controlActions.fromWire(payload.value.action),
        deadlineMs: count(payload.value.deadline, 'control.deadline'),
      }
    case 'restart':
      return {
        kind: 'restart',
        commandSeq: ordinal(message.commandSeq, 'command_seq'),
        commandId: name(message.commandId, 'command_id'),
      }
    case 'agent':
      return {
        kind: 'agent',
        commandSeq: ordinal(message.commandSeq, 'command_seq'),
        commandId: name(message.commandId, 'command_id'),
        action: agentActions.fromWire(payload.value.action),
        agentId: name(payload.value.agentId, 'agent.agent_id'),
        agentKind: wordOf(agentKinds, payload.value.kind, 'agent.kind'),
        accountIdx: payload.value.accountIdx ?? null,
      }
    case 'batch':
      return malformed('a batch may not hold a batch')
    case undefined:
      return malformed('the command has no payload that this master knows')
    default:
      if (message.commandSeq !== 0n) malformed(`${payload.case} must not have a command_seq`)
      return linkCommand(payload)
  }
}

function taskRequestFromWire(value: wire.TaskRequest, commandSeq: number): NumberedCommand {
  return {
    kind: 'task_request',
    commandSeq,
    ...runRefFromWire(value),
    agentId: name(value.agentId, 'task_request.agent_id'),
    projectId: name(value.projectId, 'task_request.project_id'),
    name: value.name,
    type: value.type,
    payloadJson: value.payloadJson,
    timeoutMs: count(value.timeoutMs, 'task_request.timeout_ms'),
    stallAfterMs: count(value.stallAfterMs, 'task_request.stall_after_ms'),
    leaseClass: wordOf(leaseClasses, value.leaseClass, 'task_request.lease_class'),
    onDisconnect: wordOf(disconnectPolicies, value.onDisconnect, 'task_request.on_disconnect'),
    idempotencyKey: value.idempotencyKey,
    traceId: value.traceId,
    inputsJson: value.inputsJson,
    memoryBytes: count(value.memoryBytes, 'task_request.memory_bytes'),
  }
}

/** A code that this version does not know is still a refusal. */
function outcomeFromWire({ resultJson, errorCode, errorMessage }: wire.ToolAnswer): ToolOutcome {
  if (errorCode === '') return { ok: true, json: resultJson }
  const code = isErrorCode(errorCode) ? errorCode : 'internal'
  return { ok: false, error: new ControlError(code, errorMessage).toBody().error }
}

type LinkPayload = Exclude<
  wire.LeaderCommand['payload'],
  { case: 'taskRequest' | 'control' | 'restart' | 'agent' | 'batch' | undefined }
>

function linkCommand(payload: LinkPayload): LeaderCommand {
  switch (payload.case) {
    case 'welcome':
      return {
        kind: 'welcome',
        term: ordinal(payload.value.term, 'welcome.term'),
        leaderId: name(payload.value.leaderId, 'welcome.leader_id'),
        logId: name(payload.value.logId, 'welcome.log_id'),
        ackedUplinkSeq: count(payload.value.ackedUplinkSeq, 'welcome.acked_uplink_seq'),
        resumed: payload.value.resumed,
        lines: lineOffsetsFromWire(payload.value.lines),
        pingIntervalMs: ordinal(payload.value.pingIntervalMs, 'welcome.ping_interval_ms'),
        leaseRenewMs: ordinal(payload.value.leaseRenewMs, 'welcome.lease_renew_ms'),
        // A leader that knows no classes says one number for all.
        strictRenewMs: ordinal(
          payload.value.strictRenewMs || payload.value.leaseRenewMs,
          'welcome.strict_renew_ms',
        ),
        httpUrl: payload.value.httpUrl === '' ? null : payload.value.httpUrl,
      }
    case 'ack':
      return {
        kind: 'ack',
        uplinkSeq: count(payload.value.seq, 'ack.seq'),
        incarnation: count(payload.value.incarnation, 'ack.incarnation'),
        lines: lineOffsetsFromWire(payload.value.lines),
      }
    case 'ping':
    case 'pong':
      return { kind: payload.case, nonce: count(payload.value.nonce, `${payload.case}.nonce`) }
    case 'credit':
      return {
        kind: 'credit',
        messages: count(payload.value.messages, 'credit.messages'),
        bytes: count(payload.value.bytes, 'credit.bytes'),
      }
    case 'moving':
      return {
        kind: 'moving',
        leaders: payload.value.leaders,
        spreadMs: count(payload.value.spreadMs, 'moving.spread_ms'),
      }
    case 'lease':
      return {
        kind: 'lease',
        sentAtMs: count(payload.value.sentAt, 'lease.sent_at'),
        ttlMs: count(payload.value.ttlMs, 'lease.ttl_ms'),
        strictTtlMs: count(payload.value.strictTtlMs || payload.value.ttlMs, 'lease.strict_ttl_ms'),
      }
    case 'answer':
      return {
        kind: 'answer',
        nonce: ordinal(payload.value.nonce, 'answer.nonce'),
        outcome: outcomeFromWire(payload.value),
      }
    case 'goodbye':
      return { kind: 'goodbye', code: payload.value.code, message: payload.value.message }
  }
}
