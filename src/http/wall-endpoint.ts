import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { closeCodes } from '../contract/socket.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import { newTraceId } from './app.js'
import { pathOf } from './failure.js'
import type { Guard } from './guard.js'
import type { WallDoor } from './wall-door.js'
import { WallSocket } from './wall-socket.js'

/** ws closes with the standard's codes; the contract has its own for what a peer did wrong. */
class ContractSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    super.close(code === 1009 ? closeCodes.tooLarge : code === 1007 ? closeCodes.malformed : code, data)
  }
}

export interface WallEndpointOptions {
  readonly door: WallDoor
  readonly guard: () => Guard
  readonly log: Log
  /** One more is refused. Default: limits.wallSessionsMax. */
  readonly wallsMax?: number
}

/** /ws: upgrades, admits and keeps every wall's socket. */
export class WallEndpoint {
  readonly #door: WallDoor
  readonly #guard: () => Guard
  readonly #log: Log
  readonly #wallsMax: number
  readonly #walls = new Set<WallSocket>()
  readonly #prober: NodeJS.Timeout
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.wallMessageBytesMax,
    WebSocket: ContractSocket,
  })

  constructor({ door, guard, log, wallsMax = limits.wallSessionsMax }: WallEndpointOptions) {
    this.#door = door
    this.#guard = guard
    this.#log = log
    this.#wallsMax = wallsMax
    this.#prober = setInterval(() => {
      for (const wall of this.#walls) wall.probe()
    }, limits.wallPingIntervalMs)
    this.#prober.unref()
  }

  /** For the HTTP server's `upgrade`. */
  readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy())
    const refusal = this.#refusal(request)
    if (refusal === null)
      this.#server.handleUpgrade(request, stream, head, (socket) => this.#admit(request, stream, socket))
    else reject(stream, refusal)
  }

  /** The leader leaves: walls are told, and cut off when they do not close within limits.httpDrainMs. */
  async close(): Promise<void> {
    clearInterval(this.#prober)
    this.#server.close()
    const walls = [...this.#walls]
    for (const wall of walls) wall.close(closeCodes.leaderLeaves, 'the leader leaves')
    const cut = setTimeout(() => {
      for (const wall of walls) wall.terminate()
    }, limits.httpDrainMs)
    await Promise.all(walls.map((wall) => wall.gone))
    clearTimeout(cut)
  }

  #refusal(request: IncomingMessage): ControlError | null {
    if (pathOf(request.url ?? '') !== '/ws') return new ControlError('not_found', 'WebSockets are at /ws.')
    return this.#walls.size < this.#wallsMax
      ? null
      : new ControlError('resource_exhausted', `${this.#wallsMax} walls are connected already.`)
  }

  #admit(request: IncomingMessage, stream: Duplex, socket: WebSocket): void {
    try {
      this.#guard().check(request.headers)
    } catch (thrown) {
      // A browser learns the close code only of an open socket.
      socket.send(JSON.stringify({ type: 'ERROR', ...fromUnknown(thrown).toBody() }))
      socket.close(closeCodes.forbidden, 'origin refused')
      return
    }
    const wall = new WallSocket({
      socket,
      stream,
      door: this.#door,
      log: this.#log,
      traceId: newTraceId(),
    })
    this.#walls.add(wall)
    void wall.gone.then(() => this.#walls.delete(wall))
  }
}

function reject(stream: Duplex, error: ControlError): void {
  const body = JSON.stringify(error.toBody())
  stream.end(
    `HTTP/1.1 ${error.kind.status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
