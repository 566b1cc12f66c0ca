import { limits } from '../core/limits.js'
import { SendWindow } from '../link/credit.js'
import type { Clock } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type {
  DurableUpdate,
  LeaderChannel,
  LinesUpdate,
  NodeUpdate,
  NumberedUpdate,
  ProgressUpdate,
  Register,
} from '../ports/node-link.js'
import type { Outbox } from '../ports/outbox.js'
import type { TellOwnNews } from '../ports/own-news.js'
import { UnackedUpdates, type UplinkMark } from './unacked-updates.js'

/** Lines on their way; exactly one of the two is called, once. */
export interface LinesEntry {
  readonly update: LinesUpdate
  readonly bytes: number
  sent(): void
  /** No leader, or no credit: they stay in the spool. */
  refused(): void
}

export type Sample = ProgressUpdate | Extract<NodeUpdate, { kind: 'metrics' }>
type LinkTraffic = Extract<NodeUpdate, { kind: 'pong' | 'lease' | 'call' }>

interface Session {
  readonly channel: LeaderChannel
  readonly window: SendWindow
  /** The welcome came: what is owed may go out. */
  isLive: boolean
}

export interface UplinkOptions {
  readonly incarnation: number
  readonly outbox: Outbox
  readonly clock: Clock
  readonly log: Log
  /** The leader has everything of this incarnation up to the number. */
  readonly onAcked: (mark: UplinkMark) => void
  /** Lines may be offered again. */
  readonly onLinesReady: () => void
  /** Hears what is told, sent or not; null = nobody. */
  readonly onNews?: TellOwnNews | null
}

/**
 * What goes up. Durable updates are numbered, in the outbox until acked, sent again after a cut; then lines, as far as
 * the leader's credit goes; then samples, of which the newest of each key wins. What is ready in one tick goes in one
 * message, the first update at once.
 * Invariant: a durable update is in the outbox before it is sent.
 */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #unacked: UnackedUpdates
  #session: Session | null = null
  readonly #traffic: LinkTraffic[] = []
  #handledCommandSeq: number | null = null
  #lines: LinesEntry[] = []
  readonly #samples = new Map<string, Sample>()
  #linesRefused = false
  #gathering = false
  #flushing = false

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#unacked = new UnackedUpdates(options.incarnation, options.outbox.backlog())
  }

  /** Highest number of this incarnation that is known as acked. */
  get ackedUplinkSeq(): number {
    return this.#unacked.ackedSeq
  }

  /** A register went out on a stream that is still there. */
  get isOpen(): boolean {
    return this.#session !== null
  }

  get isDrained(): boolean {
    return this.#unacked.isEmpty
  }

  get #takesLines(): boolean {
    return this.#session?.isLive === true && this.#session.window.mayUse()
  }

  /** null when the outbox is full: the update is not taken. */
  put(update: DurableUpdate): UplinkMark | null {
    const { incarnation, outbox, clock, log } = this.#options
    const numbered: NumberedUpdate = {
      kind: 'durable',
      incarnation,
      uplinkSeq: this.#unacked.nextSeq,
      atMs: clock.wallMs(),
      update,
    }
    try {
      outbox.put(numbered)
    } catch (error) {
      log.error('a report could not be written down and is held back', { update: update.kind, error })
      return null
    }
    this.#unacked.push(numbered)
    this.#options.onNews?.({ kind: 'update', atMs: numbered.atMs, update })
    this.#schedule()
    return { incarnation, uplinkSeq: numbered.uplinkSeq }
  }

  offerLines(entry: LinesEntry): void {
    if (!this.#takesLines) {
      this.#linesRefused = true
      entry.refused()
      return
    }
    this.#lines.push(entry)
    this.#schedule()
  }

  sample(key: string, sample: Sample): void {
    this.#samples.set(key, sample)
    this.#options.onNews?.(sample)
    this.#schedule()
  }

  dropSample(key: string): void {
    this.#samples.delete(key)
  }

  /** Goes out whatever the credit is; dropped while there is no link. */
  traffic(update: LinkTraffic): void {
    if (this.#session === null) return
    this.#traffic.push(update)
    this.#schedule()
  }

  /** Everything up to this command is handled; acked with the next message. */
  commandHandled(commandSeq: number): void {
    this.#handledCommandSeq = commandSeq
    this.#schedule()
  }

  /** The stream is open: the register goes first. */
  opened(channel: LeaderChannel, register: Register): void {
    this.#session = { channel, window: new SendWindow(), isLive: false }
    this.#session.window.used(channel.send([register]))
  }

  /** The leader has everything of this incarnation up to `ackedUplinkSeq`; the rest goes out again. */
  live(ackedUplinkSeq: number): void {
    if (this.#session === null) return
    this.#session.isLive = true
    this.#linesRefused = true
    this.acked({ incarnation: this.#options.incarnation, uplinkSeq: ackedUplinkSeq })
    this.#unacked.sendAgain()
    this.#schedule()
  }

  grant(messages: number, bytes: number): void {
    this.#session?.window.grant({ messages, bytes })
    this.#schedule()
    if (!this.#linesRefused || !this.#takesLines) return
    this.#linesRefused = false
    this.#options.onLinesReady()
  }

  acked(mark: UplinkMark): void {
    if (!this.#unacked.acked(mark)) return
    this.#options.outbox.acked(mark.incarnation, mark.uplinkSeq)
    this.#options.onAcked(mark)
  }

  /** The stream is gone. Traffic of its own goes with it. */
  closed(): void {
    this.#session = null
    this.#traffic.length = 0
    this.#handledCommandSeq = null
    this.#refuseLines()
  }

  #schedule(): void {
    if (this.#gathering || this.#session === null) return
    this.#gathering = true
    this.#flush()
    this.#options.clock.soon(() => {
      this.#gathering = false
      this.#flush()
    })
  }

  #flush(): void {
    const session = this.#session
    if (this.#flushing || session?.isLive !== true) return
    this.#flushing = true
    // Invariant: each round sends at least one update, so the loop ends.
    while (this.#session === session) {
      const batch = this.#nextBatch(session.window.mayUse())
      if (batch.updates.length === 0) break
      session.window.used(session.channel.send(batch.updates))
      for (const entry of batch.lines) entry.sent()
    }
    this.#flushing = false
    if (this.#session === session && !session.window.mayUse()) this.#refuseLines()
  }

  /** Link traffic, then events, lines, samples: as much as one message takes. */
  #nextBatch(mayUse: boolean): { readonly updates: NodeUpdate[]; readonly lines: LinesEntry[] } {
    const updates: NodeUpdate[] = this.#traffic.splice(0, limits.linkBatchUpdatesMax - 1)
    const lines: LinesEntry[] = []
    if (this.#handledCommandSeq !== null) {
      updates.push({ kind: 'ack', commandSeq: this.#handledCommandSeq })
      this.#handledCommandSeq = null
    }
    let bytes = 0
    const hasRoom = (): boolean =>
      mayUse && updates.length < limits.linkBatchUpdatesMax && bytes < limits.linkBatchBytesMax
    while (hasRoom()) {
      const next = this.#unacked.takeUnsent(
        updates.length === 0 ? Number.POSITIVE_INFINITY : limits.linkBatchBytesMax - bytes,
      )
      if (next === null) break
      bytes += next.bytes
      updates.push(next.update)
    }
    while (hasRoom()) {
      const entry = this.#lines.shift()
      if (entry === undefined) break
      bytes += entry.bytes
      updates.push(entry.update)
      lines.push(entry)
    }
    for (const [key, sample] of this.#samples) {
      if (!hasRoom()) break
      this.#samples.delete(key)
      updates.push(sample)
    }
    return { updates, lines }
  }

  #refuseLines(): void {
    if (this.#lines.length === 0) return
    this.#linesRefused = true
    for (const entry of this.#lines.splice(0)) entry.refused()
  }
}
