import type { StreamName } from './protocol.js'

/** A piece of output: bytes [offset, offset + bytes.length) of a stream, as of its generation. */
export interface OutputFrame {
  readonly fence: number
  readonly stream: StreamName
  readonly generation: number
  readonly offset: number
  readonly bytes: Uint8Array
}

export type Frame =
  | { readonly kind: 'message'; readonly value: unknown }
  | { readonly kind: 'output'; readonly output: OutputFrame }

const lengthBytes = 4
const messageMark = 0
const outputMark = 1
/** Mark, fence, stream, generation, offset. */
const outputHeadBytes = 1 + 8 + 1 + 4 + 8

/** One message: its length (4 bytes, big end first), a mark, JSON. */
export function encodeMessage(value: unknown): Buffer {
  const text = JSON.stringify(value)
  const length = 1 + Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(lengthBytes + length)
  frame.writeUInt32BE(length, 0)
  frame.writeUInt8(messageMark, lengthBytes)
  frame.write(text, lengthBytes + 1)
  return frame
}

/** One piece of output as two parts, so that its bytes are not copied. */
export function encodeOutput(output: OutputFrame): readonly [Buffer, Uint8Array] {
  const head = Buffer.allocUnsafe(lengthBytes + outputHeadBytes)
  let at = head.writeUInt32BE(outputHeadBytes + output.bytes.length, 0)
  at = head.writeUInt8(outputMark, at)
  at = head.writeDoubleBE(output.fence, at)
  at = head.writeUInt8(output.stream === 'out' ? 0 : 1, at)
  at = head.writeUInt32BE(output.generation, at)
  head.writeDoubleBE(output.offset, at)
  return [head, output.bytes]
}

/** Cuts a stream of bytes into frames. Throws on what is not one: the connection is then of no use any more. */
export class FrameReader {
  readonly #bytesMax: number
  readonly #chunks: Buffer[] = []
  #bytes = 0

  /** `bytesMax`: a longer frame is refused. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames: Frame[] = []
    for (let body = this.#next(); body !== null; body = this.#next()) frames.push(frameOf(body))
    return frames
  }

  #next(): Buffer | null {
    if (this.#bytes < lengthBytes) return null
    const length = this.#peek(lengthBytes).readUInt32BE(0)
    if (length < 1 || length > this.#bytesMax) throw new Error(`a frame of ${length} bytes`)
    if (this.#bytes < lengthBytes + length) return null
    const frame = this.#peek(lengthBytes + length)
    this.#drop(frame.length)
    return frame.subarray(lengthBytes)
  }

  /** The first bytes in one piece; there are as many. */
  #peek(length: number): Buffer {
    const first = this.#chunks[0]
    if (first !== undefined && first.length >= length) return first.subarray(0, length)
    const all = Buffer.concat(this.#chunks.splice(0))
    this.#chunks.push(all)
    return all.subarray(0, length)
  }

  #drop(length: number): void {
    this.#bytes -= length
    const first = this.#chunks.shift()
    if (first !== undefined && first.length > length) this.#chunks.unshift(first.subarray(length))
  }
}

function frameOf(body: Buffer): Frame {
  const mark = body.readUInt8(0)
  if (mark === messageMark) return { kind: 'message', value: JSON.parse(body.toString('utf8', 1)) }
  if (mark !== outputMark || body.length < outputHeadBytes) throw new Error(`a frame with the mark ${mark}`)
  return {
    kind: 'output',
    output: {
      fence: body.readDoubleBE(1),
      stream: body.readUInt8(9) === 0 ? 'out' : 'err',
      generation: body.readUInt32BE(10),
      offset: body.readDoubleBE(14),
      bytes: body.subarray(outputHeadBytes),
    },
  }
}
