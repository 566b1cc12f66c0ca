import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { limits } from '../core/limits.js'

/** Field numbers of LeaderCommand.batch and CommandBatch.commands. */
const batchField = 16
const commandsField = 1

/**
 * Encoded commands → messages that hold them in order: alone, or as batches of at most limits.linkBatchCommandsMax and
 * about linkBatchBytesMax. Put together from bytes, because what a command weighs is known only when it is encoded.
 */
export function commandBatches(encoded: readonly Uint8Array[]): readonly Uint8Array[] {
  if (encoded.length < 2) return encoded
  const messages: Uint8Array[] = []
  let start = 0
  let bytes = 0
  for (const [index, command] of encoded.entries()) {
    const isFull =
      index - start >= limits.linkBatchCommandsMax || bytes + command.length > limits.linkBatchBytesMax
    if (isFull && index > start) {
      messages.push(batchOf(encoded, start, index))
      start = index
      bytes = 0
    }
    bytes += command.length
  }
  messages.push(batchOf(encoded, start, encoded.length))
  return messages
}

/** Of [start, end). */
function batchOf(encoded: readonly Uint8Array[], start: number, end: number): Uint8Array {
  const only = end - start === 1 ? encoded[start] : undefined
  if (only !== undefined) return only
  const writer = new BinaryWriter().tag(batchField, WireType.LengthDelimited).fork()
  for (const command of encoded.slice(start, end))
    writer.tag(commandsField, WireType.LengthDelimited).bytes(command)
  return writer.join().finish()
}
