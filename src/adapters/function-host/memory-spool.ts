import { limits } from '../../core/limits.js'

export interface MemorySpoolEvents {
  readonly onOutput: (offset: number, bytes: Uint8Array, done: () => void) => void
  readonly onGap: (from: number, to: number) => void
  /** Everything was handed over and is done. */
  readonly onIdle: () => void
}

/** Bytes handed over at once. */
const pieceBytesMax = 64 * 1024
const bufferBytesMin = 256

/**
 * The output of one run in memory, handed over piece by piece from any byte that is kept: the newest
 * limits.functionLogBytesMax.
 * Invariant: from ≤ position ≤ end; bytes [from, end) are kept.
 */
export class MemorySpool {
  readonly #events: MemorySpoolEvents
  /** Never overwritten where something was handed over: when it is full, what is kept moves to a new one. */
  #buffer = Buffer.allocUnsafe(bufferBytesMin)
  /** Where the kept bytes begin in the buffer, and in the stream. */
  #start = 0
  #from = 0
  #length = 0
  #position = 0
  /** The piece that is not done yet; another one after each rewind. */
  #handed: symbol | null = null
  #scheduled = false

  constructor(events: MemorySpoolEvents) {
    this.#events = events
  }

  get end(): number {
    return this.#from + this.#length
  }

  get isIdle(): boolean {
    return this.#handed === null && this.#position === this.end
  }

  write(text: string): void {
    const written = Buffer.from(text)
    const bytes = written.subarray(Math.max(0, written.length - limits.functionLogBytesMax))
    if (bytes.length < written.length) this.#drop(written.length - bytes.length)
    const length = this.#length + bytes.length
    if (this.#start + length > this.#buffer.length) this.#move(2 * length)
    bytes.copy(this.#buffer, this.#start + this.#length)
    const surplus = Math.max(0, length - limits.functionLogBytesMax)
    this.#start += surplus
    this.#from += surplus
    this.#length = length - surplus
    this.#skipCut()
    this.#schedule()
  }

  /** Hands over from `offset` on; what is not done is forgotten. */
  rewind(offset: number): void {
    this.#handed = null
    this.#position = Math.min(offset, this.end)
    this.#skipCut()
    this.#schedule()
  }

  /** All that is kept, and as many bytes more that never came in. */
  #drop(moreBytes: number): void {
    this.#from = this.end + moreBytes
    this.#length = 0
  }

  #move(bufferBytes: number): void {
    const buffer = Buffer.allocUnsafe(bufferBytes)
    this.#buffer.copy(buffer, 0, this.#start, this.#start + this.#length)
    this.#buffer = buffer
    this.#start = 0
  }

  /** What was cut away before it was handed over is a gap. */
  #skipCut(): void {
    if (this.#position >= this.#from) return
    const gap = { from: this.#position, to: this.#from }
    this.#position = this.#from
    this.#events.onGap(gap.from, gap.to)
  }

  /** Lines of one tick go as one piece. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#handOver()
    })
  }

  #handOver(): void {
    if (this.#handed !== null) return
    if (this.#position === this.end) {
      this.#events.onIdle()
      return
    }
    const offset = this.#position
    const start = this.#start + offset - this.#from
    const bytes = this.#buffer.subarray(start, start + Math.min(pieceBytesMax, this.end - offset))
    const piece = Symbol('piece')
    this.#handed = piece
    this.#position += bytes.length
    this.#events.onOutput(offset, bytes, () => {
      if (this.#handed !== piece) return
      this.#handed = null
      this.#schedule()
    })
  }
}
