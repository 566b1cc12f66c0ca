import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  type LeaderCommand as LeaderCommandMessage,
  LeaderCommandSchema,
} from '../gen/agentflow/v1/node_sync_pb.js'
import type { LeaderCommand } from '../ports/node-link.js'
import { lineOffsetsToWire, runRef } from './update-to-wire.js'
import { agentActions, controlActions } from './wire-words.js'

type CommandInit = MessageInitShape<typeof LeaderCommandSchema>

/** One command → its wire message. */
export const commandToWire = (command: LeaderCommand): LeaderCommandMessage =>
  create(LeaderCommandSchema, commandInit(command))

function commandInit(command: LeaderCommand): CommandInit {
  switch (command.kind) {
    case 'task_request':
      return {
        // The fence names the run, so the same hand-over has the same id at every try.
        commandId: `run-${command.fence}`,
        commandSeq: BigInt(command.commandSeq),
        payload: {
          case: 'taskRequest',
          value: {
            ...runRef(command),
            agentId: command.agentId,
            projectId: command.projectId,
            name: command.name,
            type: command.type,
            payloadJson: command.payloadJson,
            timeoutMs: BigInt(command.timeoutMs),
            stallAfterMs: BigInt(command.stallAfterMs),
            leaseClass: command.leaseClass,
            onDisconnect: command.onDisconnect,
            idempotencyKey: command.idempotencyKey,
            traceId: command.traceId,
            inputsJson: command.inputsJson,
            memoryBytes: BigInt(command.memoryBytes),
          },
        },
      }
    case 'control':
      return {
        commandId: command.commandId,
        commandSeq: BigInt(command.commandSeq),
        payload: {
          case: 'control',
          value: {
            ...runRef(command),
            action: controlActions.toWire[command.action],
            deadline: BigInt(command.deadlineMs),
          },
        },
      }
    case 'restart':
      return {
        commandId: command.commandId,
        commandSeq: BigInt(command.commandSeq),
        payload: { case: 'restart', value: {} },
      }
    case 'agent':
      return {
        commandId: command.commandId,
        commandSeq: BigInt(command.commandSeq),
        payload: {
          case: 'agent',
          value: {
            action: agentActions.toWire[command.action],
            agentId: command.agentId,
            kind: command.agentKind,
            ...(command.accountIdx === null ? {} : { accountIdx: command.accountIdx }),
          },
        },
      }
    default:
      return { payload: linkPayload(command) }
  }
}

type LinkCommand = Exclude<LeaderCommand, { kind: 'task_request' | 'control' | 'restart' | 'agent' }>

function linkPayload(command: LinkCommand): NonNullable<CommandInit['payload']> {
  switch (command.kind) {
    case 'welcome':
      return {
        case: 'welcome',
        value: {
          term: BigInt(command.term),
          leaderId: command.leaderId,
          logId: command.logId,
          ackedUplinkSeq: BigInt(command.ackedUplinkSeq),
          resumed: command.resumed,
          lines: lineOffsetsToWire(command.lines),
          pingIntervalMs: BigInt(command.pingIntervalMs),
          leaseRenewMs: BigInt(command.leaseRenewMs),
          strictRenewMs: BigInt(command.strictRenewMs),
          httpUrl: command.httpUrl ?? '',
        },
      }
    case 'ack':
      return {
        case: 'ack',
        value: {
          seq: BigInt(command.uplinkSeq),
          incarnation: BigInt(command.incarnation),
          lines: lineOffsetsToWire(command.lines),
        },
      }
    case 'ping':
    case 'pong':
      return { case: command.kind, value: { nonce: BigInt(command.nonce) } }
    case 'credit':
      return {
        case: 'credit',
        value: { messages: BigInt(command.messages), bytes: BigInt(command.bytes) },
      }
    case 'moving':
      return { case: 'moving', value: { leaders: [...command.leaders], spreadMs: BigInt(command.spreadMs) } }
    case 'lease':
      return {
        case: 'lease',
        value: {
          sentAt: BigInt(command.sentAtMs),
          ttlMs: BigInt(command.ttlMs),
          strictTtlMs: BigInt(command.strictTtlMs),
        },
      }
    case 'answer': {
      const { nonce, outcome } = command
      const result = outcome.ok
        ? { resultJson: outcome.json }
        : { errorCode: outcome.error.code, errorMessage: outcome.error.message }
      return { case: 'answer', value: { nonce: BigInt(nonce), ...result } }
    }
    case 'goodbye':
      return { case: 'goodbye', value: { code: command.code, message: command.message } }
  }
}
