import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { LeaderCommand } from '../src/ports/node-link.js'
import { protobufCodec as codec } from '../src/rpc/node-sync-codec.js'

/** gRPC's framing: not compressed, the length, the message. */
export function framed(messages: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(messages.reduce((sum, message) => sum + 5 + message.length, 0))
  let at = 0
  for (const message of messages) {
    bytes[at] = 0
    bytes.writeUInt32BE(message.length, at + 1)
    bytes.set(message, at + 5)
    at += 5 + message.length
  }
  return bytes
}

/**
 * A NodeSync stream by bare HTTP/2, so that the side that sends costs little and many frames go out in one write.
 * Commands are decoded: there are few of them.
 */
export class RawStream {
  readonly #session: ClientHttp2Session
  readonly #stream: ClientHttp2Stream
  readonly #onCommand: (command: LeaderCommand) => void
  /** Resolves when the stream is over, for whatever reason. */
  readonly closed: Promise<void>
  #rest: Buffer = Buffer.alloc(0)

  constructor(address: string, joinKey: string, onCommand: (command: LeaderCommand) => void) {
    this.#onCommand = onCommand
    this.#session = connect(`http://${address}`)
    this.#session.on('error', () => undefined)
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': '/agentflow.v1.NodeSync/Connect',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${joinKey}`,
    })
    this.#stream.on('error', () => undefined)
    this.closed = new Promise((resolve) => this.#stream.once('close', resolve))
    this.#stream.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  write(bytes: Buffer): void {
    this.#stream.write(bytes)
  }

  /** The status that ends the stream. */
  async status(): Promise<{ readonly status: string; readonly code: string }> {
    const [trailers] = (await once(this.#stream, 'trailers')) as [IncomingHttpHeaders]
    return { status: String(trailers['grpc-status']), code: String(trailers['agentflow-code']) }
  }

  close(): void {
    this.#session.destroy()
  }

  #receive(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    let at = 0
    while (all.length - at >= 5) {
      const end = at + 5 + all.readUInt32BE(at + 1)
      if (end > all.length) break
      for (const command of codec.decodeCommands(all.subarray(at + 5, end))) this.#onCommand(command)
      at = end
    }
    this.#rest = all.subarray(at)
  }
}
