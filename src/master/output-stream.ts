import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { LinesUpdate, OutputLine, RunRef } from '../ports/node-link.js'
import type { Text } from '../ports/text.js'
import { levelOf } from './line-level.js'
import { LineSplitter, type SplitLine } from './line-splitter.js'
import type { LinesEntry } from './uplink.js'

/** What a stream needs around it. */
export interface OutputContext {
  readonly clock: Clock
  readonly text: Text
  /** The host hands over from this byte on. */
  readonly rewind: (offset: number) => void
  readonly offer: (entry: LinesEntry) => void
  /** Bytes came that were not there before. */
  readonly onActivity: () => void
  /** A line that was not there before. */
  readonly onLine: (text: string) => void
}

const gapReason = 'the output is no longer kept'
/** About what a line costs on the wire beside its text. */
const lineOverheadBytes = 24

/**
 * One output stream of a run on its way to the leader. The spool is the buffer: while there is no leader or no credit,
 * output is looked at (for tail and stall watch) and let go, and read again from the spool when it can be sent. So no
 * stream ever waits for the network, and the end of a run is known when it ends.
 * Invariant: sent ≤ offered ≤ observed; lines of one session leave no hole between `sent` and what follows.
 */
export class OutputStream {
  readonly #ref: RunRef
  readonly #stream: 'out' | 'err'
  readonly #context: OutputContext
  readonly #splitter: LineSplitter
  #mode: 'looking' | 'sending' = 'sending'
  /** Everything before was looked at, up to the end of a line; bytes up to `#seenBytes` came at least once. */
  #observed = 0
  #seenBytes = 0
  #offered = 0
  #sent = 0
  #acked = 0
  /** Length of the stream, once the run has ended. */
  #total: number | null = null
  /** Waits to show the bytes after `offset`, which have no newline yet. */
  #partial: { readonly offset: number; readonly timer: Timer } | null = null

  constructor(ref: RunRef, stream: 'out' | 'err', context: OutputContext) {
    this.#ref = ref
    this.#stream = stream
    this.#context = context
    this.#splitter = new LineSplitter(context.text)
  }

  /** The leader has all of it. */
  get isAcked(): boolean {
    return this.#total !== null && this.#acked >= this.#total
  }

  receive(offset: number, bytes: Uint8Array, done: () => void): void {
    if (offset !== this.#splitter.position) this.#splitter.reset(offset)
    const end = offset + bytes.length
    if (end > this.#seenBytes) {
      this.#seenBytes = end
      this.#context.onActivity()
    }
    const lines = this.#splitter.push(bytes)
    this.#give(this.#withLast(lines), done)
    this.#watchPartial()
  }

  gap(from: number, to: number): void {
    const last = this.#splitter.position === from ? this.#splitter.flush({ last: true }) : null
    this.#give(last === null ? [] : [last], ignore)
    this.#splitter.reset(to)
    this.#observed = Math.max(this.#observed, to)
    this.#seenBytes = Math.max(this.#seenBytes, to)
    if (this.#mode === 'sending') this.#offer(this.#update(from, to, [], gapReason), 0, ignore)
  }

  /** The run is over; the stream has this many bytes. */
  finish(total: number): void {
    this.#total = total
    this.close()
    this.#give(this.#withLast([]), ignore)
  }

  /** A leader is there and has everything before `offset`; null = it did not say. Sending begins with `ready`. */
  relink(offset: number | null): void {
    this.#mode = 'looking'
    this.#acked = offset ?? this.#acked
    this.#sent = this.#acked
  }

  /** Lines may be offered: from the first that was not sent. */
  ready(): void {
    if (this.#mode === 'sending' || (this.#total !== null && this.#sent >= this.#total)) return
    this.#mode = 'sending'
    this.#offered = this.#sent
    if (this.#splitter.consumedOffset === this.#sent) return
    this.#splitter.reset(this.#sent)
    this.#context.rewind(this.#sent)
  }

  acked(offset: number): void {
    this.#acked = Math.max(this.#acked, offset)
  }

  /** Stops its timer; for a run that is let go. */
  close(): void {
    this.#partial?.timer.cancel()
    this.#partial = null
  }

  /** After the last byte there is no newline to wait for. */
  #withLast(lines: SplitLine[]): SplitLine[] {
    if (this.#total === null || this.#splitter.position < this.#total) return lines
    const last = this.#splitter.flush({ last: true })
    return last === null ? lines : [...lines, last]
  }

  #give(lines: readonly SplitLine[], done: () => void): void {
    for (const line of lines) if (line.nextOffset > this.#observed) this.#context.onLine(line.text)
    const end = this.#splitter.consumedOffset
    this.#observed = Math.max(this.#observed, end)
    if (this.#mode === 'looking' || end <= this.#offered) {
      done()
      return
    }
    this.#offerLines(lines, end, done)
  }

  /** Up to `end`, which may be past the last line's end when only a line's end followed. */
  #offerLines(lines: readonly SplitLine[], end: number, done: () => void): void {
    const atMs = this.#context.clock.wallMs()
    const count = Math.max(1, Math.ceil(lines.length / limits.linesPerUpdateMax))
    for (let part = 0; part < count; part += 1) {
      const isLast = part === count - 1
      const some = lines.slice(part * limits.linesPerUpdateMax, (part + 1) * limits.linesPerUpdateMax)
      const nextOffset = isLast ? end : (some.at(-1)?.nextOffset ?? end)
      const update = this.#update(this.#offered, nextOffset, toOutput(some, atMs, this.#stream), null)
      this.#offer(update, some.length, isLast ? done : ignore)
    }
  }

  #update(offset: number, nextOffset: number, lines: OutputLine[], reason: string | null): LinesUpdate {
    return { kind: 'lines', ...this.#ref, stream: this.#stream, offset, nextOffset, lines, gapReason: reason }
  }

  #offer(update: LinesUpdate, lines: number, done: () => void): void {
    this.#offered = update.nextOffset
    const textBytes = lines === 0 ? 0 : update.nextOffset - update.offset
    this.#context.offer({
      update,
      bytes: textBytes + lineOverheadBytes * (lines + 1),
      sent: () => {
        this.#sent = Math.max(this.#sent, update.nextOffset)
        done()
      },
      refused: () => {
        this.#look()
        done()
      },
    })
  }

  /** Nobody takes lines: what was handed over again lies behind us, so the host goes on where nothing was seen yet. */
  #look(): void {
    if (this.#mode === 'looking') return
    this.#mode = 'looking'
    if (this.#splitter.consumedOffset >= this.#observed) return
    this.#splitter.reset(this.#observed)
    this.#context.rewind(this.#observed)
  }

  /** A prompt or a progress bar has no newline: what has stood there for a while is shown. */
  #watchPartial(): void {
    const offset = this.#splitter.consumedOffset
    if (this.#partial?.offset === offset && this.#splitter.hasPending) return
    this.close()
    if (!this.#splitter.hasPending || this.#total !== null) return
    const timer = this.#context.clock.after(limits.linePartialMs, () => {
      this.#partial = null
      const line = this.#splitter.flush({ last: false })
      this.#give(line === null ? [] : [line], ignore)
      this.#watchPartial()
    })
    this.#partial = { offset, timer }
  }
}

const ignore = (): void => undefined

const toOutput = (lines: readonly SplitLine[], atMs: number, stream: 'out' | 'err'): OutputLine[] =>
  lines.map(({ text }) => ({ atMs, level: levelOf(text, stream), text }))
