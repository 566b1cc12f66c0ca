import { closeCodes } from '../contract/socket.js'
import { receiptView } from '../contract/views.js'
import type { Credential } from '../core/access/access.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { isFinal } from '../core/receipts/receipt.js'
import type { State } from '../core/state.js'
import type { Hub, Seat } from '../hub/hub.js'
import { everything } from '../hub/message.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Caller, WallOptions, WallSession, WallSink } from '../ports/control-plane.js'
import type { Gate } from './gate.js'
import { isToldWhole, type Snapshot, type Snapshots } from './snapshots.js'

/** What a wall's session needs of the leader. */
export interface WallHost {
  readonly state: State
  readonly gate: Gate
  readonly clock: Clock
  readonly hub: Hub
  readonly logId: string
  readonly snapshots: Snapshots
  /** Offers a control command; the receipt's id comes back after the commit. */
  readonly control: (
    caller: Caller,
    command: Control,
  ) => Promise<{ commandId: string | null; taskId: string }>
  readonly onReceipt: (commandId: string, listener: () => void) => () => void
  readonly chat: (caller: Caller, message: ChatMessage) => void
}

type Control = {
  readonly taskId: ReturnType<typeof asTaskId>
  readonly action: 'pause' | 'resume' | 'cancel' | 'retry'
  readonly timeoutMs: number | null
}
export type ChatMessage = Parameters<WallSession['chat']>[0]

/** The topics of a wall that never subscribed. */
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
] as const

/**
 * One wall on the leader. Without SUBSCRIBE it hears everything; SUBSCRIBE narrows. A picture of each topic comes
 * first (only what changed, when its resume point is still known), then versions as they are committed.
 */
export class LeaderWallSession implements WallSession {
  readonly #host: WallHost
  readonly #caller: Caller
  readonly #seat: Seat
  /** What it holds already; for the first topics only, a later one is new to it. */
  #resumeSeq: number | null
  #topics: ReadonlySet<string> | null = null
  #receiptListeners = new Set<() => void>()
  #sessionTimer: Timer | null = null

  constructor(host: WallHost, caller: Caller, sink: WallSink, options: WallOptions) {
    this.#host = host
    this.#caller = caller
    this.#seat = host.hub.seat(sink, { frames: options.frames })
    const { resume } = options
    const isKnown =
      resume !== null &&
      resume.logId === host.logId &&
      resume.seq <= host.state.headSeq &&
      resume.seq >= (host.state.cluster?.retiredThroughSeq ?? 0)
    this.#resumeSeq = isKnown ? resume.seq : null
    this.#atHead((seq) =>
      this.#direct({ type: 'AUTH_OK', logId: host.logId, term: host.state.term, seq, ...this.#who() }),
    )
    host.clock.soon(() => this.#hearEverything())
    this.#endWithSession()
  }

  subscribe(topics: readonly string[]): void {
    const mine = new Set([...(this.#topics ?? []), ...topics])
    if (mine.size > limits.wallTopicsMax) {
      this.#error(
        undefined,
        new ControlError('too_large', `a socket follows at most ${limits.wallTopicsMax} topics`),
      )
      return
    }
    this.#topics = mine
    this.#seat.setTopics(mine)
    for (const topic of topics) this.#picture(topic)
    this.#resumeSeq = null
  }

  unsubscribe(topics: readonly string[]): void {
    const mine = new Set<string>(this.#topics ?? firstTopics)
    for (const topic of topics) mine.delete(topic)
    this.#topics = mine
    this.#seat.setTopics(mine)
  }

  ack(seq: number): void {
    this.#seat.flow.acked(seq)
    this.#host.hub.drained(this.#seat.flow)
  }

  drained(): void {
    this.#host.hub.drained(this.#seat.flow)
  }

  chat(message: ChatMessage): void {
    this.#host.chat(this.#caller, message)
  }

  command(message: Parameters<WallSession['command']>[0]): void {
    const { requestId, action, taskId } = message
    this.#host
      .control(this.#caller, { taskId: asTaskId(taskId), action, timeoutMs: message.timeoutMs ?? null })
      .then(({ commandId }) => this.#follow(requestId, action, taskId, commandId))
      .catch((thrown: unknown) => this.#error(requestId, fromUnknown(thrown)))
  }

  closed(): void {
    this.#sessionTimer?.cancel()
    for (const stop of this.#receiptListeners) stop()
    this.#receiptListeners.clear()
    this.#seat.leave()
  }

  #who(): { user: string; role: string; expiresAt?: number } {
    const { principal } = this.#caller
    const role = principal.kind === 'user' ? principal.role : principal.kind
    const expiresAt = this.#credential()?.expiresAtMs ?? null
    return { user: principal.id, role, ...(expiresAt === null ? {} : { expiresAt }) }
  }

  #credential(): Credential | undefined {
    const { principal } = this.#caller
    const id = principal.kind === 'user' ? principal.credentialId : undefined
    return id === undefined ? undefined : this.#host.state.tables.credential.get(id)
  }

  /** [AC8] A session that was renewed meanwhile has a new end; a token has none. */
  #endWithSession(): void {
    const { principal } = this.#caller
    const id = principal.kind === 'user' ? principal.credentialId : undefined
    const credential = this.#credential()
    if (id === undefined || credential?.expiresAtMs === null) return
    const leftMs = (credential?.expiresAtMs ?? 0) - this.#host.clock.wallMs()
    if (leftMs > 0) this.#sessionTimer = this.#host.clock.after(leftMs, () => this.#endWithSession())
    else this.#seat.flow.close(closeCodes.notAuthenticated, 'the session has ended; sign in again')
  }

  /** Every step of the receipt goes to the one who asked, with the request's id. */
  #follow(requestId: string, action: string, taskId: string, commandId: string | null): void {
    if (this.#seat.flow.isClosed) return
    if (commandId === null) {
      const receipt = {
        commandId: '',
        taskId,
        action,
        state: 'done',
        steps: [{ state: 'done', at: this.#host.clock.wallMs(), detail: 'it was over already' }],
      }
      this.#direct({ type: 'RECEIPT', requestId, receipt })
      return
    }
    let told = 0
    const tell = (): void => {
      const receipt = this.#host.state.receipt(commandId)
      if (receipt === undefined || receipt.steps.length === told) return
      told = receipt.steps.length
      this.#direct({ type: 'RECEIPT', requestId, receipt: receiptView(receipt) })
      if (!isFinal(receipt)) return
      stop()
      this.#receiptListeners.delete(stop)
    }
    const stop = this.#host.onReceipt(commandId, tell)
    this.#receiptListeners.add(stop)
    tell()
  }

  #hearEverything(): void {
    if (this.#topics !== null || this.#seat.flow.isClosed) return
    this.#seat.setTopics(new Set([everything]))
    for (const topic of firstTopics) this.#picture(topic)
  }

  #picture(topic: string): void {
    const { snapshots } = this.#host
    const changed = snapshots.ofState(topic, this.#resumeSeq)
    if (changed !== null) {
      // Of more changes than a picture holds the wall would never hear: it gets the whole picture.
      const isCut = this.#resumeSeq !== null && changed.total > changed.items.length
      const resumed = this.#resumeSeq !== null && !isCut && !isToldWhole(topic)
      this.#snapshot(topic, (isCut ? snapshots.ofState(topic, null) : null) ?? changed, resumed)
      return
    }
    snapshots
      .ofStreams(topic)
      .then((snapshot) => this.#snapshot(topic, snapshot, false))
      .catch((thrown: unknown) => this.#error(undefined, fromUnknown(thrown)))
  }

  /** `resumed`: only what changed since the resume point; the wall keeps the rest. */
  #snapshot(topic: string, snapshot: Snapshot, resumed: boolean): void {
    const { logId, state } = this.#host
    this.#atHead((seq) =>
      this.#direct({
        type: 'SNAPSHOT',
        topic,
        logId,
        term: state.term,
        seq,
        items: snapshot.items,
        total: snapshot.total,
        ...(resumed ? { resumed: true } : {}),
      }),
    )
  }

  /** Everything that is read off the state leaves when the state is committed. */
  #atHead(send: (seq: number) => void): void {
    const seq = this.#host.state.headSeq
    this.#host.gate.when(seq, () => send(seq))
  }

  #direct(message: object): void {
    this.#seat.flow.direct(JSON.stringify(message))
  }

  #error(requestId: string | undefined, error: ControlError): void {
    this.#direct({ type: 'ERROR', ...(requestId === undefined ? {} : { requestId }), ...error.toBody() })
  }
}
