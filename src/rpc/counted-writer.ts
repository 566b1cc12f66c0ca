/** The writing half of a gRPC stream. */
export interface MessageStream {
  write(bytes: Buffer, written: () => void): boolean
}

/**
 * Writes whole messages to a gRPC stream and knows how many bytes of them the wire has not taken yet; the stream
 * itself counts only messages. One callback for all messages: they are taken in the order in which they were written.
 */
export class CountedWriter {
  readonly #stream: MessageStream
  readonly #sizes: number[] = []
  #bufferedBytes = 0
  #drained: (() => void) | null = null
  readonly #written = (): void => {
    this.#bufferedBytes -= this.#sizes.shift() ?? 0
    if (this.#sizes.length === 0) this.#drained?.()
  }

  constructor(stream: MessageStream) {
    this.#stream = stream
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** One listener, called each time the wire has taken everything. */
  onDrained(listener: () => void): void {
    this.#drained = listener
  }

  write(bytes: Uint8Array): void {
    this.#sizes.push(bytes.length)
    this.#bufferedBytes += bytes.length
    this.#stream.write(asBuffer(bytes), this.#written)
  }
}

/** The same memory as a Buffer, which grpc-js asks for. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
