import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { NumberedCommand, TaskRequest } from '../ports/node-link.js'

/** Field numbers of LeaderCommand. */
const field = { commandId: 1, taskRequest: 2, commandSeq: 12 } as const

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8')

/**
 * A run's request as bytes of LeaderCommand, written out: the one command that is sent for every task, and a third of
 * what a leader spends on sending when a message object is made of it first. node-sync-codec.test.ts holds it to
 * protobuf-es, byte by byte.
 */
export function taskRequestBytes(request: TaskRequest & Pick<NumberedCommand, 'commandSeq'>): Uint8Array {
  const writer = new BinaryWriter(utf8)
  // The fence names the run, so the same hand-over has the same id at every try.
  text(writer, field.commandId, `run-${request.fence}`)
  writer.tag(field.taskRequest, WireType.LengthDelimited).fork()
  text(writer, 1, request.taskId)
  if (request.attempt !== 0) writer.tag(2, WireType.Varint).int32(request.attempt)
  whole(writer, 3, request.fence)
  text(writer, 4, request.agentId)
  text(writer, 5, request.projectId)
  text(writer, 6, request.name)
  text(writer, 7, request.type)
  text(writer, 8, request.payloadJson)
  whole(writer, 9, request.timeoutMs)
  whole(writer, 10, request.stallAfterMs)
  text(writer, 11, request.leaseClass)
  text(writer, 12, request.onDisconnect)
  text(writer, 13, request.idempotencyKey)
  text(writer, 14, request.traceId)
  whole(writer, 15, request.memoryBytes)
  text(writer, 16, request.inputsJson)
  writer.join()
  whole(writer, field.commandSeq, request.commandSeq)
  return writer.finish()
}

/** proto3 leaves out what is empty. */
function text(writer: BinaryWriter, number: number, value: string): void {
  if (value !== '') writer.tag(number, WireType.LengthDelimited).string(value)
}

function whole(writer: BinaryWriter, number: number, value: number): void {
  if (value === 0) return
  writer.tag(number, WireType.Varint)
  // The same varint, without a BigInt.
  if (value < 2 ** 32) writer.uint32(value)
  else writer.int64(value)
}
