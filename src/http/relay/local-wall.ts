import { closeCodes, type ServerMessage } from '../../contract/socket.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Clock } from '../../ports/clock.js'
import type { WallSession, WallSink } from '../../ports/control-plane.js'
import type { KnownUser } from './known-users.js'

export interface LocalWallOptions {
  readonly sink: WallSink
  readonly clock: Clock
  readonly logId: string
  readonly term: number
  readonly seq: () => number
  readonly items: (topic: string) => readonly object[]
  readonly onClosed: () => void
}

/** What one hears that never subscribed. */
const firstTopics = [
  'nodes',
  'tasks',
  'alerts',
  'limits',
  'work',
  'logs',
  'schedules',
  'templates',
  'triggers',
]

/** Why nothing can be done: only the leader knows who may, and only it makes an act durable. */
export const leaderGone = (): ControlError =>
  new ControlError(
    'unavailable',
    'The leader is gone: this master shows itself and what it heard last. Acts wait until the leader is back.',
  )

/** One wall of a master whose leader is gone. It reads; every act is refused. */
export class LocalWall implements WallSession {
  readonly #options: LocalWallOptions
  #topics: ReadonlySet<string> | null = null
  #isOver = false

  constructor(options: LocalWallOptions) {
    this.#options = options
  }

  greet(
    { user, role, expiresAtMs }: KnownUser,
    local: { readonly workerId: string; readonly since: number },
  ) {
    const { logId, term, seq, clock } = this.#options
    const expires = expiresAtMs === null ? {} : { expiresAt: expiresAtMs }
    this.#say({ type: 'AUTH_OK', logId, term, seq: seq(), user, role, ...expires, local })
    clock.soon(() => {
      if (this.#topics === null) for (const topic of firstTopics) this.#picture(topic)
    })
  }

  /** Something that its topics may cover. A wall that does not read is closed. */
  offer(topics: readonly string[], bytes: Uint8Array): void {
    const mine = this.#topics
    if (mine !== null && !topics.some((topic) => mine.has(topic))) return
    this.#send(bytes)
  }

  end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.sink.close(code, reason)
  }

  subscribe(topics: readonly string[]): void {
    const mine = new Set([...(this.#topics ?? []), ...topics])
    if (mine.size > limits.wallTopicsMax) {
      this.#refuse(
        new ControlError('too_large', `a socket follows at most ${limits.wallTopicsMax} topics`),
        undefined,
      )
      return
    }
    this.#topics = mine
    for (const topic of topics) this.#picture(topic)
  }

  unsubscribe(topics: readonly string[]): void {
    const mine = new Set(this.#topics ?? firstTopics)
    for (const topic of topics) mine.delete(topic)
    this.#topics = mine
  }

  ack(): void {}

  drained(): void {}

  chat({ requestId }: { readonly requestId?: string | undefined }): void {
    this.#refuse(leaderGone(), requestId)
  }

  command({ requestId }: { readonly requestId: string }): void {
    this.#refuse(leaderGone(), requestId)
  }

  closed(): void {
    this.#isOver = true
    this.#options.onClosed()
  }

  #picture(topic: string): void {
    const { logId, term, seq, items } = this.#options
    const list = items(topic) as Extract<ServerMessage, { type: 'SNAPSHOT' }>['items']
    this.#say({ type: 'SNAPSHOT', topic, logId, term, seq: seq(), items: list, total: list.length })
  }

  #refuse(error: ControlError, requestId: string | undefined): void {
    this.#say({ type: 'ERROR', ...(requestId === undefined ? {} : { requestId }), ...error.toBody() })
  }

  #say(message: ServerMessage): void {
    this.#send(Buffer.from(JSON.stringify(message)))
  }

  #send(bytes: Uint8Array): void {
    const { sink } = this.#options
    if (this.#isOver) return
    if (sink.bufferedBytes() > limits.wallPictureBytesMax) this.end(closeCodes.tooSlow, 'too slow')
    else sink.send(bytes)
  }
}
