import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { ControlError } from '../core/errors.js'
import { LeaderCommandSchema, NodeUpdateSchema } from '../gen/agentflow/v1/node_sync_pb.js'
import type { LeaderCommand, NodeUpdate, Register } from '../ports/node-link.js'
import { commandBatches } from './command-batch.js'
import { commandsFromWire } from './command-from-wire.js'
import { commandToWire } from './command-to-wire.js'
import { registerFromWire } from './register-from-wire.js'
import { taskRequestBytes } from './task-request-bytes.js'
import { type StreamIdentity, updatesFromWire } from './update-from-wire.js'
import { type Sender, updatesToWire } from './update-to-wire.js'

/**
 * Bytes of NodeSync ⇄ plain data. Both directions of both ends, so that a faster codec can take the place of
 * protobuf-es and be held to it by a differential test. Decoders throw ControlError invalid_request only.
 */
export interface NodeSyncCodec {
  /** Updates of one tick as one message; `register` alone, others at most limits.linkBatchUpdatesMax. */
  encodeUpdates(updates: readonly NodeUpdate[], sender: Sender): Uint8Array
  /** The first message of a stream. */
  decodeRegister(bytes: Uint8Array): { readonly nodeId: string; readonly register: Register }
  /** Any later message of the stream. */
  decodeUpdates(bytes: Uint8Array, stream: StreamIdentity): readonly NodeUpdate[]
  encodeCommand(command: LeaderCommand): Uint8Array
  /** Commands of one tick as few messages; for masters that take batches. */
  encodeCommands(commands: readonly LeaderCommand[]): readonly Uint8Array[]
  /** One message: a command, or the commands of a batch in their order. */
  decodeCommands(bytes: Uint8Array): readonly LeaderCommand[]
}

/** The codec made of protobuf-es and the checks of docs/protocol.md. */
export const protobufCodec: NodeSyncCodec = {
  encodeUpdates: (updates, sender) => toBinary(NodeUpdateSchema, updatesToWire(updates, sender)),
  decodeRegister: (bytes) => registerFromWire(parse(NodeUpdateSchema, bytes)),
  decodeUpdates: (bytes, stream) => updatesFromWire(parse(NodeUpdateSchema, bytes), stream),
  encodeCommand: (command) =>
    command.kind === 'task_request'
      ? taskRequestBytes(command)
      : toBinary(LeaderCommandSchema, commandToWire(command)),
  encodeCommands: (commands) =>
    commandBatches(commands.map((command) => protobufCodec.encodeCommand(command))),
  decodeCommands: (bytes) => commandsFromWire(parse(LeaderCommandSchema, bytes)),
}

/** Unknown fields are dropped: a newer peer may send more than we know. */
function parse<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false })
  } catch (cause) {
    throw new ControlError('invalid_request', `the bytes are not a ${schema.name}`, { cause })
  }
}

export type { Sender, StreamIdentity }
