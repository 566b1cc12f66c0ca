import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import type {
  LeaderCommand,
  NodeChannel,
  NodeGateway,
  NodeSession,
  NodeUpdate,
  Register,
} from '../ports/node-link.js'
import { CountedWriter } from './counted-writer.js'
import { toStatus } from './grpc-status.js'
import { protobufCodec as codec, type StreamIdentity } from './node-sync-codec.js'

/** One NodeSync.Connect call with undecoded messages. */
export type NodeCall = ServerDuplexStream<Buffer, Buffer>

export interface NodeStreamOptions {
  readonly gateway: NodeGateway
  readonly log: Log
}

/**
 * Serves one accepted call: waits limits.linkRegisterMs for `register`, then hands the stream to the gateway. A peer
 * that says anything else is ended with INVALID_ARGUMENT; nobody else notices.
 */
export function serveNodeStream(call: NodeCall, options: NodeStreamOptions): void {
  // At once, so that the master knows it is accepted before it says anything.
  call.sendMetadata(new Metadata())
  const refuse = (error: ControlError): void => {
    leave()
    options.log.warn('refused a stream before its register', { peer: call.getPeer(), reason: error.message })
    endCall(call, error)
  }
  const timer = setTimeout(
    () => refuse(new ControlError('invalid_request', 'the first update, register, did not come in time')),
    limits.linkRegisterMs,
  )
  const first = (bytes: Buffer): void => {
    let hello: ReturnType<typeof codec.decodeRegister>
    try {
      hello = codec.decodeRegister(bytes)
    } catch (thrown) {
      refuse(fromUnknown(thrown))
      return
    }
    leave()
    const identity = { nodeId: hello.nodeId, incarnation: hello.register.incarnation }
    new NodeStream(call, identity, options).start(hello.register, bytes.length)
  }
  const gone = (): void => {
    leave()
    call.end()
  }
  const leave = (): void => {
    clearTimeout(timer)
    call.off('data', first).off('end', gone).off('cancelled', gone)
  }
  call.on('data', first).on('end', gone).on('cancelled', gone)
}

/** Ends a call with a status; what is written before it goes out first, if the peer reads. */
function endCall(call: NodeCall, error: ControlError | null): void {
  if (error === null) call.end()
  else call.emit('error', toStatus(error))
  const timer = setTimeout(() => call.destroy(), limits.linkCloseGraceMs)
  timer.unref()
  call.once('finish', () => clearTimeout(timer))
}

/** A registered master's stream: bytes ⇄ plain data, nothing is decided here. */
class NodeStream implements NodeChannel {
  readonly nodeId: string
  readonly address: string
  readonly #call: NodeCall
  readonly #identity: StreamIdentity
  readonly #log: Log
  readonly #writer: CountedWriter
  readonly #session: NodeSession
  #open = true
  #takesBatches = false
  /** What the peer did wrong: the status that it gets, whoever closes. */
  #fault: ControlError | null = null

  constructor(call: NodeCall, identity: StreamIdentity, options: NodeStreamOptions) {
    this.nodeId = identity.nodeId
    this.address = call.getPeer()
    this.#call = call
    this.#identity = identity
    this.#log = options.log
    this.#writer = new CountedWriter(call)
    this.#session = options.gateway.open(this)
  }

  start(register: Register, bytes: number): void {
    if (!this.#open) return
    this.#call.on('data', (bytes: Buffer) => this.#receive(bytes))
    this.#call.on('end', () => this.#finish('the master ended the stream', null))
    this.#call.on('cancelled', () => this.#finish('the connection was cut', null))
    this.#takesBatches = register.takesBatches === true
    this.#session.receive([register], bytes)
  }

  send(commands: readonly LeaderCommand[]): void {
    if (!this.#open) return
    if (this.#takesBatches) for (const bytes of codec.encodeCommands(commands)) this.#writer.write(bytes)
    else for (const command of commands) this.#writer.write(codec.encodeCommand(command))
    if (this.#writer.bufferedBytes > limits.linkChannelBytesMax) this.close('the master does not read')
  }

  close(reason: string): void {
    this.#finish(reason, this.#fault ?? new ControlError('unavailable', reason))
  }

  #receive(bytes: Buffer): void {
    if (!this.#open) return
    let updates: readonly NodeUpdate[]
    try {
      updates = codec.decodeUpdates(bytes, this.#identity)
    } catch (thrown) {
      this.#fault = fromUnknown(thrown)
      const { message } = this.#fault
      this.#log.warn('a master sent a malformed update', { nodeId: this.nodeId, reason: message })
      this.#session.malformed(message)
      this.close(message)
      return
    }
    this.#session.receive(updates, bytes.length)
  }

  #finish(reason: string, error: ControlError | null): void {
    if (!this.#open) return
    this.#open = false
    endCall(this.#call, error)
    // Later, so that the session never hears of its end inside one of its own calls.
    setImmediate(() => this.#session.closed(reason))
  }
}
