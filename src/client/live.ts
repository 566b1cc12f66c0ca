import { type ChatResponse, closeCodes, type ServerMessage } from '../contract/socket.js'
import type { Receipt, TaskAction } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { retryDelayMs } from './backoff.js'
import { toControlError } from './failure.js'
import { Pending } from './pending.js'
import type { Rest } from './rest.js'
import { ResumePoint } from './resume-point.js'

/** The part of a WebSocket that is used. Browsers, Node ≥ 22 and `ws` have it. */
export interface WebSocketLike {
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
}
export type WebSocketConstructor = new (url: string) => WebSocketLike

/** Where a live connection stands. */
export type LiveState =
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'live'; readonly logId: string; readonly term: number; readonly user: string }
  /** Lost; the next try comes at `retryAtMs`. */
  | {
      readonly phase: 'waiting'
      readonly attempt: number
      readonly retryAtMs: number
      readonly error: ControlError
    }
  /** Over for good: by `close()` (error null), or because going on is useless. */
  | { readonly phase: 'closed'; readonly error: ControlError | null }

export interface LiveOptions {
  /** Topics to follow; none = all. */
  readonly topics?: readonly string[]
  /** Each message, in order; frames are unpacked. */
  readonly onMessage: (message: Exclude<ServerMessage, { type: 'FRAME' }>) => void
  readonly onState?: (state: LiveState) => void
}

/** A live connection: reconnects by itself and takes up where it was. */
export interface Live {
  readonly state: LiveState
  subscribe(topics: readonly string[]): void
  unsubscribe(topics: readonly string[]): void
  /**
   * Acts on a task; resolves with the final receipt, also over a reconnect. Nothing is buffered while there is no
   * connection: rejects `unavailable`. `timeoutMs`: it must not start later than this.
   */
  command(
    command: { readonly action: TaskAction; readonly taskId: string; readonly timeoutMs?: number },
    onStep?: (receipt: Receipt) => void,
  ): Promise<Receipt>
  /** One turn of a chat; resolves with the whole answer. */
  chat(turn: {
    readonly text: string
    readonly targetContext: string
    readonly conversationId?: string
  }): Promise<ChatResponse>
  close(): void
}

interface Connection {
  readonly url: string
  readonly token: string
  readonly webSocket: WebSocketConstructor
  readonly rest: Rest
}

export class LiveConnection implements Live {
  readonly #connection: Connection
  readonly #options: LiveOptions
  readonly #topics: Set<string>
  readonly #point = new ResumePoint()
  readonly #pending: Pending
  #state: LiveState = { phase: 'connecting', attempt: 0 }
  #socket: WebSocketLike | null = null
  #retry: ReturnType<typeof setTimeout> | null = null
  /** What the server said before it closed. */
  #told: ControlError | null = null

  constructor(connection: Connection, options: LiveOptions) {
    this.#connection = connection
    this.#options = options
    this.#topics = new Set(options.topics)
    this.#pending = new Pending(connection.rest)
    this.#connect(0)
  }

  get state(): LiveState {
    return this.#state
  }

  subscribe(topics: readonly string[]): void {
    for (const topic of topics) this.#topics.add(topic)
    this.#point.expect(topics)
    if (this.#state.phase === 'live') this.#send({ type: 'SUBSCRIBE', topics })
  }

  unsubscribe(topics: readonly string[]): void {
    for (const topic of topics) this.#topics.delete(topic)
    this.#point.forget(topics)
    if (this.#state.phase === 'live') this.#send({ type: 'UNSUBSCRIBE', topics })
  }

  async command(
    command: { readonly action: TaskAction; readonly taskId: string; readonly timeoutMs?: number },
    onStep?: (receipt: Receipt) => void,
  ): Promise<Receipt> {
    this.#mustBeLive()
    const { requestId, receipt } = this.#pending.command(onStep)
    this.#send({ type: 'COMMAND', requestId, ...command })
    return receipt
  }

  async chat(turn: { text: string; targetContext: string; conversationId?: string }): Promise<ChatResponse> {
    this.#mustBeLive()
    const { requestId, answer } = this.#pending.chat()
    this.#send({ type: 'CHAT', requestId, ...turn })
    return answer
  }

  close(): void {
    if (this.#state.phase === 'closed') return
    this.#end(null)
  }

  #connect(attempt: number): void {
    this.#become({ phase: 'connecting', attempt })
    const { url, token, webSocket } = this.#connection
    const socket = new webSocket(`${url.replace(/^http/, 'ws')}/ws`)
    this.#socket = socket
    this.#told = null
    const mine = (): boolean => this.#socket === socket
    socket.addEventListener('open', () => {
      if (!mine()) return
      const resume = this.#point.value
      this.#send({ type: 'AUTH', token, frames: true, ...(resume === null ? {} : { resume }) })
      this.#point.expect(this.#topics)
      if (this.#topics.size > 0) this.#send({ type: 'SUBSCRIBE', topics: [...this.#topics] })
    })
    socket.addEventListener('message', ({ data }) => {
      if (mine()) this.#hear(JSON.parse(String(data)) as ServerMessage)
    })
    // A close event follows.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', ({ code, reason }) => {
      if (mine()) this.#lost(attempt, code, reason)
    })
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'FRAME') {
      for (const inner of message.messages) this.#hear(inner)
      this.#point.reached(message.to)
      this.#send({ type: 'ACK', seq: message.to })
      return
    }
    if (message.type === 'AUTH_OK') {
      const { logId, term, user } = message
      this.#point.of(logId)
      this.#become({ phase: 'live', logId, term, user })
      this.#pending.reconnected()
    } else if (message.type === 'SNAPSHOT') {
      this.#point.pictured(message.topic, message.seq)
    } else if (message.type === 'ERROR' && this.#state.phase !== 'live') {
      this.#told = toControlError(message, 0)
    }
    this.#pending.hear(message)
    this.#deliver(() => this.#options.onMessage(message))
  }

  #lost(attempt: number, code: number, reason: string): void {
    this.#socket = null
    const hopeless: readonly number[] = [
      closeCodes.notAuthenticated,
      closeCodes.forbidden,
      closeCodes.malformed,
    ]
    const error = this.#told ?? new ControlError('unavailable', reasonOf(code, reason, this.#connection.url))
    if (hopeless.includes(code)) {
      this.#end(error)
      return
    }
    // A connection that was live starts over; one that never was waits longer each time.
    const next = this.#state.phase === 'live' ? 0 : attempt
    const delayMs = retryDelayMs(next)
    this.#pending.lost()
    this.#become({ phase: 'waiting', attempt: next, retryAtMs: Date.now() + delayMs, error })
    this.#retry = setTimeout(() => this.#connect(next + 1), delayMs)
  }

  #end(error: ControlError | null): void {
    const socket = this.#socket
    this.#socket = null
    if (this.#retry !== null) clearTimeout(this.#retry)
    socket?.close(1000, 'done')
    this.#pending.end(error ?? new ControlError('unavailable', 'The connection was closed.'))
    this.#become({ phase: 'closed', error })
  }

  #become(state: LiveState): void {
    this.#state = state
    this.#deliver(() => this.#options.onState?.(state))
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message))
  }

  #mustBeLive(): void {
    if (this.#state.phase !== 'live')
      throw new ControlError('unavailable', 'There is no connection to the leader.')
  }

  /** A listener that throws must not cost the messages after it: its error surfaces by itself. */
  #deliver(listener: () => void): void {
    try {
      listener()
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown
      })
    }
  }
}

function reasonOf(code: number, reason: string, url: string): string {
  if (code === closeCodes.leaderLeaves) return `The leader at ${url} is leaving.`
  if (code === closeCodes.tooSlow) return 'The leader dropped this connection because it read too slowly.'
  return reason === ''
    ? `The connection to ${url} was lost.`
    : `The connection to ${url} was closed: ${reason}.`
}
