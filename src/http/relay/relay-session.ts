import type { RawData, WebSocket } from 'ws'
import { type ClientMessage, closeCodes, type ServerMessage } from '../../contract/socket.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Clock, Timer } from '../../ports/clock.js'
import type { WallSession, WallSink } from '../../ports/control-plane.js'
import type { WallAuth } from '../wall-door.js'
import type { KnownUsers } from './known-users.js'
import type { LeaderAddress } from './leader-address.js'
import type { LocalWalls } from './local-walls.js'
import type { RelayMemory } from './relay-memory.js'

type Link =
  /** `held` waits for the leader's AUTH_OK, or goes to what this master knows. */
  | {
      readonly phase: 'reaching'
      readonly upstream: WebSocket | null
      readonly held: ClientMessage[]
      readonly timer: Timer
    }
  | { readonly phase: 'passing'; readonly upstream: WebSocket }
  | { readonly phase: 'local'; readonly wall: WallSession }
  | { readonly phase: 'closed' }

export interface RelaySessionOptions {
  readonly auth: WallAuth
  readonly sink: WallSink
  readonly leader: LeaderAddress
  readonly users: KnownUsers
  readonly memory: RelayMemory
  readonly local: LocalWalls
  readonly clock: Clock
  /** The leader said something. */
  readonly onHeard: () => void
}

/** Close code: try again later. A wall does so by itself. */
const tryAgainLater = 1013
/** Codes from here on are the contract's: the leader's own word, not a lost link. */
const contractCodesFrom = 4_000

/**
 * One wall of a master. Everything passes between it and the leader as it is, under the user's own token: the leader
 * admits, authorises and answers. While the leader cannot be reached, the wall is shown what this master knows.
 */
export class RelaySession implements WallSession {
  readonly #options: RelaySessionOptions
  #link: Link

  constructor(options: RelaySessionOptions) {
    this.#options = options
    const { leader, clock } = options
    const url = leader.url()
    const upstream = url === null ? null : leader.socket(url)
    // A wall is answered only when its session is there, so also nobody to reach takes a moment.
    const waitMs = upstream === null ? 0 : limits.relayReachMs
    const timer = clock.after(waitMs, () => this.#goLocal())
    this.#link = { phase: 'reaching', upstream, held: [], timer }
    if (upstream !== null) this.#listen(upstream)
  }

  subscribe(topics: readonly string[]): void {
    this.#pass({ type: 'SUBSCRIBE', topics: [...topics] })
  }

  unsubscribe(topics: readonly string[]): void {
    this.#pass({ type: 'UNSUBSCRIBE', topics: [...topics] })
  }

  ack(seq: number): void {
    this.#pass({ type: 'ACK', seq })
  }

  chat(message: Parameters<WallSession['chat']>[0]): void {
    this.#pass({ type: 'CHAT', ...message })
  }

  command(message: Parameters<WallSession['command']>[0]): void {
    this.#pass({ type: 'COMMAND', ...message })
  }

  drained(): void {
    if (this.#link.phase === 'passing') this.#link.upstream.resume()
  }

  closed(): void {
    const link = this.#leave()
    if (link.phase === 'local') link.wall.closed()
  }

  #pass(message: ClientMessage): void {
    const link = this.#link
    if (link.phase === 'local') give(link.wall, message)
    else if (link.phase === 'passing') send(link.upstream, message)
    else if (link.phase === 'reaching') {
      if (link.held.length >= limits.relayPendingMax) this.#end(closeCodes.tooSlow, 'too much at once')
      else link.held.push(message)
      if (isAboutTopics(message) && link.upstream?.readyState === link.upstream?.OPEN)
        send(link.upstream, message)
    }
  }

  #listen(upstream: WebSocket): void {
    const isMine = (): boolean => 'upstream' in this.#link && this.#link.upstream === upstream
    upstream.on('open', () => {
      if (isMine()) this.#greet(upstream)
    })
    upstream.on('message', (data) => {
      if (isMine()) this.#hear(upstream, data)
    })
    upstream.on('unexpected-response', (request, response) => {
      if (isMine()) this.#end(tryAgainLater, `the leader said ${response.statusCode}`)
      request.destroy()
    })
    upstream.on('close', (code, reason) => {
      if (isMine()) this.#lost(code, reason.toString())
    })
    // It closes by itself after an error; without a listener it would end the process.
    upstream.on('error', () => undefined)
  }

  /** Topics go along, so that the leader need not draw everything first; acts wait until it is known who leads. */
  #greet(upstream: WebSocket): void {
    if (this.#link.phase !== 'reaching') return
    const { auth, memory } = this.#options
    const { token, frames, resume } = auth
    const known = resume !== null && memory.covers(resume) ? { resume } : {}
    send(upstream, { type: 'AUTH', token, frames, ...known })
    for (const message of this.#link.held) if (isAboutTopics(message)) send(upstream, message)
  }

  #hear(upstream: WebSocket, data: RawData): void {
    const { sink, memory, onHeard } = this.#options
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(String(data))
    let message: ServerMessage
    try {
      message = JSON.parse(bytes.toString()) as ServerMessage
    } catch {
      upstream.terminate()
      return
    }
    if (this.#link.phase === 'reaching' && message.type === 'AUTH_OK' && !this.#admitted(message)) return
    onHeard()
    memory.take(message)
    sink.send(bytes)
    if (sink.bufferedBytes() > limits.wallQueueBytesMax) upstream.pause()
  }

  /** False: it leads no more, for this master has seen a later term of the same log. */
  #admitted(message: Extract<ServerMessage, { type: 'AUTH_OK' }>): boolean {
    const { auth, users, leader } = this.#options
    const { user, role, expiresAt, logId, term } = message
    if (logId === leader.view.logId && term < leader.view.term) {
      this.#goLocal()
      return false
    }
    users.accepted(auth.token, { user, role, expiresAtMs: expiresAt ?? null })
    const link = this.#link
    if (link.phase !== 'reaching' || link.upstream === null) return false
    link.timer.cancel()
    this.#link = { phase: 'passing', upstream: link.upstream }
    for (const held of link.held) if (!isAboutTopics(held)) send(link.upstream, held)
    return true
  }

  #lost(code: number, reason: string): void {
    const { auth, users } = this.#options
    if (code >= contractCodesFrom) {
      if (code === closeCodes.notAuthenticated) users.refused(auth.token)
      this.#end(code, reason)
    } else if (this.#link.phase === 'reaching') this.#goLocal()
    else {
      users.heldUntilNow(auth.token)
      this.#end(closeCodes.leaderLeaves, 'the leader is gone')
    }
  }

  #goLocal(): void {
    const link = this.#leave()
    if (link.phase !== 'reaching') return
    const { auth, sink, users, local } = this.#options
    const user = users.find(auth.token)
    if (user === null) {
      sink.send(Buffer.from(JSON.stringify({ type: 'ERROR', ...nobodyToAsk.toBody() })))
      sink.close(tryAgainLater, 'the leader is gone')
      return
    }
    const wall = local.open(sink, user)
    this.#link = { phase: 'local', wall }
    for (const message of link.held) give(wall, message)
  }

  #end(code: number, reason: string): void {
    this.#leave()
    this.#options.sink.close(code, reason)
  }

  #leave(): Link {
    const link = this.#link
    this.#link = { phase: 'closed' }
    if (link.phase === 'reaching') link.timer.cancel()
    if ('upstream' in link) link.upstream?.terminate()
    return link
  }
}

const nobodyToAsk = new ControlError(
  'unavailable',
  'The leader is gone and this master has not seen this token of late; try again when the leader is back.',
)

const send = (upstream: WebSocket | null, message: ClientMessage): void =>
  upstream?.send(JSON.stringify(message))

const isAboutTopics = ({ type }: ClientMessage): boolean => type === 'SUBSCRIBE' || type === 'UNSUBSCRIBE'

function give(wall: WallSession, message: ClientMessage): void {
  switch (message.type) {
    case 'SUBSCRIBE':
      wall.subscribe(message.topics)
      break
    case 'UNSUBSCRIBE':
      wall.unsubscribe(message.topics)
      break
    case 'ACK':
      wall.ack(message.seq)
      break
    case 'CHAT':
      wall.chat(message)
      break
    case 'COMMAND':
      wall.command(message)
      break
    case 'AUTH':
      break
  }
}
