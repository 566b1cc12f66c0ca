import { ResumePoint } from '../../../src/client/resume-point.js'
import type { ClientMessage, closeCodes, ServerMessage } from '../../../src/contract/socket.js'
import { limits } from '../../../src/core/limits.js'
import { bounds } from './bounds.js'
import type { Connection } from './protocol.js'
import { Silence } from './silence.js'

/** One open socket, as the session needs it. */
export interface Socket {
  send(text: string): void
  close(): void
}
export interface SocketEvents {
  opened(): void
  received(text: string): void
  closed(code: number, reason: string): void
}
/** What the session needs from outside. */
export interface SessionPorts {
  connect(url: string, events: SocketEvents): Socket
  nowMs(): number
  /** In [0, 1). */
  fraction(): number
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}
export interface SessionEvents {
  changed(connection: Connection): void
  /** Any message but AUTH_OK and FRAME, in order. Throws when it is garbage. */
  received(message: ServerMessage): void
  /** The leader's log is another one (a restore): nothing known still holds. */
  forget(): void
}

interface Identity {
  readonly user: string
  readonly role: string
  readonly term: number
  /** Said by a master whose leader is gone; null: the leader answers. */
  readonly local: { readonly workerId: string; readonly since: number } | null
}
type Link =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'opening'; readonly socket: Socket }
  | { readonly phase: 'authenticating'; readonly socket: Socket }
  | {
      readonly phase: 'live'
      readonly socket: Socket
      readonly identity: Identity
      readonly sinceMs: number
      /** asked: silent for a while, a probe is out; doubted: the probe is late. */
      readonly trust: 'heard' | 'asked' | 'doubted'
    }
  | { readonly phase: 'waiting' }

/** Close codes after which trying again would not help. Checked against the contract without loading its schemas. */
const refusals = { notAuthenticated: 4401, forbidden: 4403 } as const satisfies Partial<typeof closeCodes>

/** Topic that no task has. Each SUBSCRIBE is answered by a snapshot, this one by an empty one: "are you there?". */
const probeTopic = 'logs:wall-probe'

/**
 * The wall's end of its socket: authenticates, subscribes what is on screen, acks frames, resumes by (logId, seq)
 * after a cut and never gives up. Nothing is queued while the link is down: `send` says false instead.
 * Invariant: at most one socket and one timer of each kind.
 */
export class Session {
  readonly #ports: SessionPorts
  readonly #events: SessionEvents
  #url = ''
  #token = ''
  #link: Link = { phase: 'stopped' }
  #attempt = 0
  /** Of this log; null before the first answer. */
  #logId: string | null = null
  #point = new ResumePoint()
  #topics: ReadonlySet<string> = new Set()
  #lostAtMs: number | null = null
  readonly #silence = new Silence()
  /** When anything at all came last. */
  #heardAtMs = 0
  #cancelTimer: () => void = () => {}

  constructor(ports: SessionPorts, events: SessionEvents) {
    this.#ports = ports
    this.#events = events
  }

  start(url: string, token: string): void {
    this.stop()
    this.#url = url
    this.#token = token
    this.#open()
  }

  /** A renewed token is used from the next connection on. */
  takeToken(token: string): void {
    this.#token = token
  }

  stop(): void {
    this.#leave()
    this.#attempt = 0
    this.#logId = null
    this.#point = new ResumePoint()
    this.#lostAtMs = null
  }

  /** Tries at once instead of at the planned time. */
  retryNow(): void {
    if (this.#link.phase === 'waiting') this.#open()
  }

  /** Replaces the set of topics; only the difference is sent. */
  setTopics(topics: ReadonlySet<string>): void {
    const added = [...topics].filter((topic) => !this.#topics.has(topic))
    const removed = [...this.#topics].filter((topic) => !topics.has(topic))
    this.#topics = new Set(topics)
    if (this.#link.phase !== 'live') return
    if (removed.length > 0) {
      this.#point.forget(removed)
      this.send({ type: 'UNSUBSCRIBE', topics: removed })
    }
    if (added.length > 0) {
      this.#point.expect(added)
      this.send({ type: 'SUBSCRIBE', topics: added })
    }
  }

  /** False: the link is down and nothing was sent. */
  send(message: ClientMessage): boolean {
    if (this.#link.phase !== 'live') return false
    this.#link.socket.send(JSON.stringify(message))
    return true
  }

  #open(): void {
    this.#leave()
    if (this.#lostAtMs === null && this.#attempt === 0) {
      this.#events.changed({ phase: 'connecting', sinceMs: this.#ports.nowMs() })
    }
    const socket = this.#ports.connect(this.#url, {
      opened: () => this.#is(socket) && this.#authenticate(socket),
      received: (text) => this.#is(socket) && this.#receive(socket, text),
      closed: (code, reason) => this.#is(socket) && this.#lost(code, reason),
    })
    this.#link = { phase: 'opening', socket }
    this.#timer(bounds.connectMs, () => this.#lost(0, 'no answer'))
  }

  #is(socket: Socket): boolean {
    return 'socket' in this.#link && this.#link.socket === socket
  }

  #authenticate(socket: Socket): void {
    this.#link = { phase: 'authenticating', socket }
    const auth: ClientMessage = { type: 'AUTH', token: this.#token, frames: true }
    const resume = this.#point.value
    socket.send(JSON.stringify(resume === null ? auth : { ...auth, resume }))
    if (this.#topics.size > 0) {
      this.#point.expect(this.#topics)
      socket.send(JSON.stringify({ type: 'SUBSCRIBE', topics: [...this.#topics] } satisfies ClientMessage))
    }
    this.#timer(limits.wallAuthMs, () => this.#lost(0, 'no answer'))
  }

  #receive(socket: Socket, text: string): void {
    const message = parse(text)
    try {
      if (message === null) throw new Error('not JSON')
      this.#take(socket, message)
    } catch {
      // What came before may be wrong too: everything is asked for anew.
      this.#point = new ResumePoint()
      this.#lost(0, 'malformed message')
      return
    }
    this.#heard(message.type === 'SNAPSHOT' && message.topic === probeTopic ? 'answer' : 'news')
  }

  #take(socket: Socket, message: ServerMessage): void {
    if (message.type === 'AUTH_OK') {
      this.#authenticated(socket, message)
    } else if (message.type === 'FRAME') {
      for (const part of message.messages) this.#events.received(part)
      this.#acknowledge(message.to)
    } else {
      if (message.type === 'SNAPSHOT') this.#point.pictured(message.topic, message.seq)
      this.#events.received(message)
    }
  }

  #authenticated(socket: Socket, message: Extract<ServerMessage, { type: 'AUTH_OK' }>): void {
    if (this.#logId !== null && this.#logId !== message.logId) this.#events.forget()
    this.#logId = message.logId
    this.#point.of(message.logId)
    this.#lostAtMs = null
    const { user, role, term, local = null } = message
    const identity = { user, role, term, local }
    this.#link = { phase: 'live', socket, identity, sinceMs: this.#ports.nowMs(), trust: 'heard' }
    this.#events.changed(connected(identity))
  }

  #acknowledge(seq: number): void {
    this.#point.reached(seq)
    this.send({ type: 'ACK', seq })
  }

  /** Anything at all shows that the path works. */
  #heard(what: 'news' | 'answer'): void {
    if (this.#link.phase !== 'live') return
    this.#heardAtMs = this.#ports.nowMs()
    if (what === 'news') this.#silence.news(this.#heardAtMs)
    else this.#silence.confirmed(this.#heardAtMs)
    const { trust, identity } = this.#link
    this.#link = { ...this.#link, trust: 'heard' }
    if (trust === 'doubted') this.#events.changed(connected(identity))
    this.#timer(this.#silence.normalMs, () => this.#probe())
  }

  #probe(): void {
    if (this.#link.phase !== 'live') return
    this.send({ type: 'SUBSCRIBE', topics: [probeTopic] })
    this.#link = { ...this.#link, trust: 'asked' }
    this.#timer(bounds.staleMs, () => this.#doubt())
  }

  #doubt(): void {
    if (this.#link.phase !== 'live') return
    this.#link = { ...this.#link, trust: 'doubted' }
    this.#events.changed({ phase: 'stale', sinceMs: this.#heardAtMs })
    this.#timer(bounds.deadMs - bounds.staleMs, () => this.#lost(0, 'no answer'))
  }

  #lost(code: number, reason: string): void {
    const nowMs = this.#ports.nowMs()
    // What is on screen is as old as the last word, not as the loss of the link.
    const lostAtMs = this.#link.phase === 'live' ? this.#heardAtMs : nowMs
    // A link that held for a while starts the back-off anew; one that only flickers does not.
    if (this.#link.phase === 'live' && nowMs - this.#link.sinceMs >= limits.backoffMsMax) this.#attempt = 0
    this.#leave()
    if (code === refusals.notAuthenticated || code === refusals.forbidden) {
      const refusal = code === refusals.forbidden ? 'forbidden' : 'not_authenticated'
      this.#events.changed({ phase: 'refused', reason: refusal })
      return
    }
    this.#lostAtMs ??= lostAtMs
    this.#silence.reset()
    // Full jitter, so that a hall of walls does not come back in one instant.
    const ceiling = Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** Math.min(this.#attempt, 16))
    const waitMs = Math.round(this.#ports.fraction() * ceiling)
    this.#attempt += 1
    this.#link = { phase: 'waiting' }
    this.#events.changed({ phase: 'offline', sinceMs: this.#lostAtMs, retryAtMs: nowMs + waitMs, reason })
    this.#timer(waitMs, () => this.#open())
  }

  /** Leaves the socket first, so that its own `closed` is not taken for a loss. */
  #leave(): void {
    this.#cancelTimer()
    const link = this.#link
    this.#link = { phase: 'stopped' }
    if ('socket' in link) link.socket.close()
  }

  #timer(ms: number, run: () => void): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#ports.after(ms, run)
  }
}

const connected = ({ local, ...identity }: Identity): Connection =>
  local === null
    ? { phase: 'live', ...identity }
    : { phase: 'local', ...identity, workerId: local.workerId, sinceMs: local.since }

/** null: no message at all. */
function parse(text: string): ServerMessage | null {
  try {
    const message = JSON.parse(text) as ServerMessage | null
    return typeof message?.type === 'string' ? message : null
  } catch {
    return null
  }
}
