import type { Line } from '../contract/line.js'
import { closeCodes } from '../contract/socket.js'
import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'
import type { WallSink } from '../ports/control-plane.js'
import type { Text } from '../ports/text.js'
import { Batch } from './batch.js'
import { encodeFrame } from './frame.js'
import { gapMessage, type HubMessage } from './message.js'

type Flow =
  | { readonly phase: 'live' }
  /** The socket is behind: versions conflate, lines become gaps. `sinceMs` is the last time it took something. */
  | {
      readonly phase: 'behind'
      readonly sinceMs: number
      readonly batch: Batch
      readonly dropped: Map<string, { first: Line; last: Line }>
    }
  | { readonly phase: 'closed' }

/** One wall's socket. Offering never throws and never waits; a slow reader hurts only itself. */
export class SocketFlow {
  readonly frames: boolean
  readonly #sink: WallSink
  readonly #clock: Clock
  readonly #text: Text
  #flow: Flow = { phase: 'live' }
  /** Seq up to which this wall has been told everything of its topics. */
  #toldSeq: number
  /** Seq up to which it was offered everything: what a frame that catches up may claim. */
  #offeredSeq: number
  #acks = false
  readonly #unacked: { readonly to: number; readonly bytes: number }[] = []
  #unackedBytes = 0

  constructor(options: { sink: WallSink; clock: Clock; text: Text; frames: boolean; toldSeq: number }) {
    this.#sink = options.sink
    this.#clock = options.clock
    this.#text = options.text
    this.frames = options.frames
    this.#toldSeq = options.toldSeq
    this.#offeredSeq = options.toldSeq
  }

  get isClosed(): boolean {
    return this.#flow.phase === 'closed'
  }

  /** A message for this wall alone, in order with what went before. Closes a wall that asks and does not read. */
  direct(json: string): void {
    if (this.#flow.phase === 'closed') return
    if (this.#sink.bufferedBytes() > limits.wallPictureBytesMax) {
      this.close(closeCodes.tooSlow, 'too slow')
      return
    }
    if (this.#flow.phase === 'behind') this.#flow.batch.add({ topics: [], key: null, json })
    else this.#write(this.#text.encode(json), this.#toldSeq)
    this.#enforce()
  }

  /** What a channel encoded once for all its members; `messages` in case this one is behind. */
  offer(encoded: readonly Uint8Array[], messages: readonly HubMessage[], toSeq: number): void {
    if (this.#flow.phase === 'closed') return
    this.#offeredSeq = toSeq
    if (this.#flow.phase === 'live' && this.#hasRoom()) {
      for (const bytes of encoded) this.#write(bytes, toSeq)
      this.#toldSeq = toSeq
      return
    }
    this.#fallBehind(messages)
    this.#enforce()
  }

  /** Tries to catch up: called when the socket took bytes. */
  catchUp(): void {
    if (this.#flow.phase !== 'behind') return
    if (!this.#hasRoom()) {
      this.#enforce()
      return
    }
    const { batch, dropped } = this.#flow
    const messages = [...batch.take(), ...[...dropped.values()].map(gapMessage)]
    this.#flow = { phase: 'live' }
    if (messages.length === 0) return
    const toSeq = this.#offeredSeq
    const jsons = messages.map((message) => message.json)
    const encoded = this.frames
      ? [this.#text.encode(encodeFrame(this.#toldSeq, toSeq, jsons))]
      : jsons.map((json) => this.#text.encode(json))
    for (const bytes of encoded) this.#write(bytes, toSeq)
    this.#toldSeq = toSeq
  }

  /** The wall has processed everything up to seq. Once it acks at all, un-acked bytes count as room taken. */
  acked(seq: number): void {
    this.#acks = true
    while (this.#unacked[0] !== undefined && this.#unacked[0].to <= seq) {
      this.#unackedBytes -= this.#unacked.shift()?.bytes ?? 0
    }
  }

  close(code: number, reason: string): void {
    if (this.#flow.phase === 'closed') return
    this.#flow = { phase: 'closed' }
    this.#sink.close(code, reason)
  }

  /** The transport is gone: nothing is written any more. */
  ended(): void {
    this.#flow = { phase: 'closed' }
  }

  #write(bytes: Uint8Array, toSeq: number): void {
    this.#sink.send(bytes)
    if (!this.#acks) return
    this.#unacked.push({ to: toSeq, bytes: bytes.length })
    this.#unackedBytes += bytes.length
  }

  #hasRoom(): boolean {
    if (this.#acks && this.#unackedBytes > limits.wallQueueBytesMax) return false
    return this.#sink.bufferedBytes() < limits.wallQueueBytesMax / 4
  }

  #fallBehind(messages: readonly HubMessage[]): void {
    if (this.#flow.phase === 'live') {
      this.#flow = {
        phase: 'behind',
        sinceMs: this.#clock.monotonicMs(),
        batch: new Batch(),
        dropped: new Map(),
      }
    }
    if (this.#flow.phase !== 'behind') return
    for (const message of messages) {
      if (message.lines === undefined) {
        this.#flow.batch.add(message)
        continue
      }
      const { taskId } = message.lines.last
      const first = this.#flow.dropped.get(taskId)?.first ?? message.lines.first
      this.#flow.dropped.set(taskId, { first, last: message.lines.last })
    }
  }

  /** [WL5] Over limits.wallQueueBytesMax, or nothing taken for limits.wallUnwritableMs: closed; it resumes by its seq. */
  #enforce(): void {
    if (this.#flow.phase !== 'behind') return
    const waitedMs = this.#clock.monotonicMs() - this.#flow.sinceMs
    if (this.#flow.batch.bytes > limits.wallQueueBytesMax || waitedMs > limits.wallUnwritableMs) {
      this.close(closeCodes.tooSlow, 'too slow')
    }
  }
}
