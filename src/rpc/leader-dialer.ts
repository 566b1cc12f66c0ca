import { Client, type ClientDuplexStream, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { NodeSync } from '../gen/agentflow/v1/node_sync_pb.js'
import type { Log } from '../ports/log.js'
import type {
  LeaderChannel,
  LeaderChannelEvents,
  LeaderCommand,
  LeaderDialer,
  NodeUpdate,
} from '../ports/node-link.js'
import { asBuffer } from './counted-writer.js'
import { dialCredentials } from './dial-credentials.js'
import { dialOptions, type Keepalive } from './dial-options.js'
import { protobufCodec as codec } from './node-sync-codec.js'
import { rawMethod } from './raw-methods.js'

export interface LeaderDialerOptions {
  /** Secret of the join file. */
  readonly joinKey: string
  /** CA that signed the leader's certificate; null = plain text, for loopback only. */
  readonly caPem: string | null
  readonly nodeId: string
  readonly log?: Log
  /** HTTP/2 pings that find a dead leader. Default: limits.keepaliveIntervalMs and keepaliveTimeoutMs. */
  readonly keepalive?: Keepalive
  /** Time for the answer to a dial. Default: limits.linkDialMs. */
  readonly dialMs?: number
}

type Call = ClientDuplexStream<Buffer, Buffer>
type CloseOptions = Parameters<LeaderChannelEvents['onClose']>[1]

/**
 * Dials leaders over grpc-js. Each dial is one connection with one stream, without the library's retries, shared
 * connections and proxies: its end is told once, by onClose, and the caller decides what is next.
 */
export function createLeaderDialer(options: LeaderDialerOptions): LeaderDialer {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${options.joinKey}`)
  const credentialsFor = dialCredentials(options.caPem)
  const channelOptions = dialOptions(options.caPem, options.keepalive)
  const connect = rawMethod(NodeSync.method.connect)
  return {
    dial(address, events) {
      const client = new Client(address, credentialsFor(address), channelOptions)
      const call: Call = client.makeBidiStreamRequest(
        connect.path,
        connect.requestSerialize,
        connect.responseDeserialize,
        metadata,
      )
      return new LeaderStream(client, call, { address, events, ...options })
    },
  }
}

/** Statuses that say: the key, the address or the configuration is wrong. */
const refusals: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
])

/** A master's end of one stream. */
class LeaderStream implements LeaderChannel {
  readonly #client: Client
  readonly #call: Call
  readonly #events: LeaderChannelEvents
  readonly #nodeId: string
  readonly #log: Log | undefined
  #phase: 'dialling' | 'open' | 'over' = 'dialling'
  /** While dialling: gives up. Once over: cuts off what does not end by itself. */
  #timer: NodeJS.Timeout

  constructor(
    client: Client,
    call: Call,
    options: LeaderDialerOptions & { readonly address: string; readonly events: LeaderChannelEvents },
  ) {
    this.#client = client
    this.#call = call
    this.#events = options.events
    this.#nodeId = options.nodeId
    this.#log = options.log
    const dialMs = options.dialMs ?? limits.linkDialMs
    this.#timer = setTimeout(() => {
      this.#hangUp(`${options.address} did not answer within ${dialMs} ms`)
    }, dialMs)
    call.on('metadata', () => this.#opened())
    call.on('data', (bytes: Buffer) => this.#receive(bytes))
    // 'status' follows with the same content.
    call.on('error', () => undefined)
    call.on('status', (result) => this.#ended(result))
  }

  send(updates: readonly NodeUpdate[]): number {
    const bytes = codec.encodeUpdates(updates, { nodeId: this.#nodeId, nowMs: Date.now() })
    if (this.#phase !== 'over') this.#call.write(asBuffer(bytes))
    return bytes.length
  }

  close(): void {
    this.#hangUp('closed by this master')
  }

  #opened(): void {
    if (this.#phase !== 'dialling') return
    this.#phase = 'open'
    clearTimeout(this.#timer)
    this.#events.onOpen()
  }

  #receive(bytes: Buffer): void {
    if (this.#phase !== 'open') return
    let commands: readonly LeaderCommand[]
    try {
      commands = codec.decodeCommands(bytes)
    } catch (thrown) {
      const reason = `the leader sent a malformed command: ${fromUnknown(thrown).message}`
      this.#log?.warn(reason)
      this.#hangUp(reason)
      return
    }
    this.#events.onCommands(commands)
  }

  /** The caller hears of the end at once; what an open stream has sent has limits.linkCloseGraceMs to go out. */
  #hangUp(reason: string): void {
    if (this.#phase === 'over') return
    const graceMs = this.#phase === 'open' ? limits.linkCloseGraceMs : 0
    this.#over(reason, retryable)
    this.#call.end()
    this.#timer = setTimeout(() => this.#call.cancel(), graceMs).unref()
  }

  #ended(result: StatusObject): void {
    this.#over(reasonOf(result), closeOptionsOf(result))
    clearTimeout(this.#timer)
    this.#client.close()
  }

  #over(reason: string, options: CloseOptions): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    clearTimeout(this.#timer)
    // Later, so that the caller never hears of the end inside one of its own calls.
    setImmediate(() => this.#events.onClose(reason, options))
  }
}

const retryable: CloseOptions = { refused: false, leaderHint: null }

const reasonOf = (result: StatusObject): string => result.details || status[result.code]

const closeOptionsOf = (result: StatusObject): CloseOptions => ({
  refused: refusals.has(result.code),
  leaderHint: result.metadata.get('leader-address')[0]?.toString() ?? null,
})
