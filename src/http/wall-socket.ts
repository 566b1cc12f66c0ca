import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import { type ClientMessage, closeCodes } from '../contract/socket.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { WallSession, WallSink } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import { readClientMessage } from './client-message.js'
import { MessageRate } from './message-rate.js'
import { textFrameOf } from './text-frame.js'
import type { WallDoor } from './wall-door.js'

type State =
  /** Open, but nobody knows yet who it is. */
  | { readonly phase: 'greeting'; readonly deadline: NodeJS.Timeout }
  | { readonly phase: 'live'; readonly session: WallSession; readonly user: string }
  | { readonly phase: 'closed' }

export interface WallSocketOptions {
  readonly socket: WebSocket
  /** What the socket writes to: says when it can be written again, at no cost per message. */
  readonly stream: Duplex
  readonly door: WallDoor
  readonly log: Log
  readonly traceId: string
}

/** One wall: checks what comes in, hands it to the session behind the door, writes what the session gives. */
export class WallSocket {
  /** Resolves when the connection is over. */
  readonly gone: Promise<void>
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #door: WallDoor
  readonly #log: Log
  readonly #traceId: string
  readonly #rate = new MessageRate({ perSecond: limits.wallMessagesPerS, nowMs: performance.now() })
  readonly #abort = new AbortController()
  #state: State
  #heard = true
  #pause: NodeJS.Timeout | null = null

  constructor({ socket, stream, door, log, traceId }: WallSocketOptions) {
    this.#socket = socket
    this.#stream = stream
    this.#door = door
    this.#log = log
    this.#traceId = traceId
    this.#state = {
      phase: 'greeting',
      deadline: setTimeout(() => this.#refuse('No AUTH came in time.'), limits.wallAuthMs),
    }
    stream.on('drain', () => {
      if (this.#state.phase === 'live') this.#state.session.drained()
    })
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#heard = true
    })
    // ws closes by itself after an error; without a listener it would end the process.
    socket.on('error', (error) => log.debug('wall socket failed', { traceId, error }))
    this.gone = new Promise((resolve) => {
      socket.once('close', (code) => {
        this.#closed(code)
        resolve()
      })
    })
  }

  /** Called each limits.wallPingIntervalMs: a peer that answered nothing since the last call is cut off. */
  probe(): void {
    if (this.#heard) {
      this.#heard = false
      this.#socket.ping()
    } else {
      this.#socket.terminate()
    }
  }

  close(code: number, reason: string): void {
    // The close frame carries at most 123 bytes of reason.
    this.#socket.close(code, reason.slice(0, 40))
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData, isBinary: boolean): void {
    // Between our close frame and the peer's, nothing is taken any more.
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#heard = true
    const received = isBinary ? binary : readClientMessage(data.toString())
    // An ack costs nothing and follows what we send.
    if (received.kind !== 'message' || received.message.type !== 'ACK') this.#slowDown()
    if (received.kind === 'message') {
      this.#handle(received.message)
    } else if (received.kind === 'malformed') {
      this.#sendError(received.error)
      this.close(closeCodes.malformed, 'malformed')
    } else {
      this.#sendError(received.error, received.requestId)
      if (this.#state.phase === 'greeting') this.close(closeCodes.notAuthenticated, 'AUTH comes first')
    }
  }

  #handle(message: ClientMessage): void {
    if (this.#state.phase === 'live') this.#forward(this.#state.session, message)
    else if (message.type === 'AUTH') this.#open(message)
    else this.#refuse('AUTH comes first.')
  }

  #open(auth: Extract<ClientMessage, { type: 'AUTH' }>): void {
    const { token, frames = false, resume = null } = auth
    const about = { traceId: this.#traceId, signal: this.#abort.signal }
    const opened = this.#door.open({ token, frames, resume }, this.#sink(), about)
    if (opened === null) {
      this.#refuse('The token is unknown, expired or withdrawn.')
      return
    }
    if (this.#state.phase === 'greeting') clearTimeout(this.#state.deadline)
    this.#state = { phase: 'live', ...opened }
    this.#log.info('wall opened', { user: opened.user, traceId: this.#traceId })
  }

  #forward(session: WallSession, message: ClientMessage): void {
    switch (message.type) {
      case 'AUTH':
        this.#sendError(new ControlError('invalid_request', 'This socket is authenticated already.'))
        break
      case 'SUBSCRIBE':
        session.subscribe(message.topics)
        break
      case 'UNSUBSCRIBE':
        session.unsubscribe(message.topics)
        break
      case 'ACK':
        session.ack(message.seq)
        break
      case 'CHAT':
        session.chat(message)
        break
      case 'COMMAND':
        session.command(message)
        break
    }
  }

  #sink(): WallSink {
    return {
      send: (bytes) => this.#write(bytes),
      bufferedBytes: () => this.#stream.writableLength,
      close: (code, reason) => this.close(code, reason),
    }
  }

  /** Past the library where it would make the same frame again for each socket; it writes whole frames too. */
  #write(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const frame = textFrameOf(bytes)
    if (frame === null) this.#socket.send(bytes, asText)
    else this.#stream.write(frame)
  }

  #refuse(message: string): void {
    this.#sendError(new ControlError('not_authenticated', message))
    this.close(closeCodes.notAuthenticated, 'not authenticated')
  }

  /** Bounded like everything else: who asks for errors without reading them is too slow. */
  #sendError(error: ControlError, requestId?: string): void {
    if (this.#socket.bufferedAmount > limits.wallQueueBytesMax) {
      this.close(closeCodes.tooSlow, 'too slow')
      return
    }
    const about = requestId === undefined ? {} : { requestId }
    this.#socket.send(JSON.stringify({ type: 'ERROR', ...about, ...error.toBody() }))
  }

  #slowDown(): void {
    const waitMs = this.#rate.take(performance.now())
    if (waitMs === 0 || this.#pause !== null) return
    this.#socket.pause()
    this.#pause = setTimeout(() => {
      this.#pause = null
      this.#socket.resume()
    }, waitMs)
  }

  #closed(code: number): void {
    const state = this.#state
    this.#state = { phase: 'closed' }
    this.#abort.abort()
    if (this.#pause !== null) clearTimeout(this.#pause)
    if (state.phase === 'greeting') clearTimeout(state.deadline)
    if (state.phase !== 'live') return
    state.session.closed()
    this.#log.info('wall closed', { user: state.user, code, traceId: this.#traceId })
  }
}

const asText = { binary: false, compress: false } as const
const binary = {
  kind: 'malformed',
  error: new ControlError('invalid_request', 'Messages are JSON in text frames.'),
} as const
