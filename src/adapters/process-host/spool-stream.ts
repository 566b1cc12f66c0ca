import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs'

/** What a stream needs of its run. */
export interface SpoolHolder {
  /** Bytes [offset, offset + bytes.length); the stream waits for `done`. */
  onChunk(offset: number, bytes: Uint8Array, done: () => void): void
  /** The bytes [from, to) are no longer there. */
  onGap(from: number, to: number): void
  /** The file is due for a cut: stop the writers, call `cut`, let them go on. Told again at each look until it is cut. */
  onFull(): void
  /** The file's first byte is now byte `base` of the stream, once `cutBytes` are cut away (0 = they are). Kept on disk before it is done. */
  onBase(base: number, cutBytes: number): void
  /** The file cannot be read; the stream has closed itself. */
  onError(error: unknown): void
}

export interface SpoolOptions {
  readonly path: string
  /** Byte of the stream at which the file starts. */
  readonly base: number
  /** Cut once this much is in the file and handed over, at twice this in any case. Bytes. */
  readonly bytesMax: number
  readonly holder: SpoolHolder
}

/** Bytes handed over at once. */
const spoolChunkBytes = 64 * 1024
/** What a cut keeps in memory of the bytes that were not handed over yet; more becomes a gap. */
const carriedBytesMax = 1024 * 1024
/** So many bytes before the reading point are compared, to see whether the task wrote its file anew. */
const overlapBytes = 64

const chunkBuffer = Buffer.allocUnsafe(spoolChunkBytes)
const overlapBuffer = Buffer.allocUnsafe(overlapBytes)
const nothing = Buffer.alloc(0)

/**
 * Hands over one append-only output file from any byte on: at most one chunk at a time, the next when its receiver is
 * done. Offsets count the stream's bytes from its first, whatever was cut from the file since: byte `offset` of the
 * stream is byte `offset − base` of the file.
 */
export class SpoolStream {
  readonly #options: SpoolOptions
  #fd: number | null = null
  #base: number
  #position: number
  /** Bytes that a cut saved: [offset, base). */
  #carried: { readonly offset: number; readonly bytes: Buffer } | null = null
  /** The last bytes before the position, when they were read from the file as it is. */
  #before: Buffer = nothing
  #sizeSeen = 0
  #handing = false
  #generation = 0
  /** The stream's length, once nobody writes any more. */
  #end: number | null = null
  readonly #atEnd: (() => void)[] = []
  #closed = false

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#base = options.base
    this.#position = options.base
  }

  /** Bytes of the stream so far. */
  get size(): number {
    return this.#end ?? this.#base + (statSync(this.#options.path, { throwIfNoEntry: false })?.size ?? 0)
  }

  /** The file may have grown. */
  poke(): void {
    if (this.#closed || this.#handing) return
    try {
      this.#pump()
    } catch (error) {
      this.close()
      this.#options.holder.onError(error)
    }
  }

  /** Goes on from `offset`; what was handed over and is not done is forgotten. */
  seek(offset: number): void {
    if (this.#closed) return
    this.#generation += 1
    this.#handing = false
    this.#before = nothing
    this.#position = Math.max(0, Math.min(offset, this.size))
    setImmediate(() => this.poke())
  }

  /** Nobody writes any more: resolves when everything was handed over, or the stream was closed. */
  finish(): Promise<void> {
    this.poke()
    if (this.#closed) return Promise.resolve()
    this.#end = this.size
    return new Promise((resolve) => {
      this.#atEnd.push(resolve)
      this.poke()
    })
  }

  /** Empties the file; the caller holds every writer stopped. */
  cut(): void {
    if (this.#closed || this.#end !== null) return
    const fd = this.#file()
    const bytes = fstatSync(fd).size
    if (bytes < this.#options.bytesMax) return
    const end = this.#base + bytes
    this.#carried = this.#position < this.#base ? null : this.#carriedTo(end)
    this.#options.holder.onBase(end, bytes)
    ftruncateSync(fd, 0)
    this.#options.holder.onBase(end, 0)
    this.#startAt(end)
    this.poke()
  }

  close(): void {
    this.#closed = true
    this.#end ??= this.#position
    this.#closeFile()
    for (const resolve of this.#atEnd.splice(0)) resolve()
  }

  #pump(): void {
    const chunk = this.#next()
    if (chunk === null) {
      if (this.#end !== null) {
        this.#closeFile()
        for (const resolve of this.#atEnd.splice(0)) resolve()
      }
      return
    }
    const offset = this.#position
    const generation = this.#generation
    this.#position += chunk.length
    this.#handing = true
    this.#options.holder.onChunk(offset, chunk, () => {
      if (this.#generation !== generation || !this.#handing) return
      this.#handing = false
      // A turn of the event loop between two chunks: a flood must not hold up everyone else.
      setImmediate(() => this.poke())
    })
  }

  /** The bytes at the position, a copy; null at the end. Tells of gaps on its way. */
  #next(): Buffer | null {
    if (this.#position < this.#base) {
      const kept = this.#fromCarried()
      if (kept !== null) return kept
      this.#gapTo(this.#base)
    }
    this.#carried = null
    this.#followRewrite()
    if (this.#end === null && this.#isFull()) this.#options.holder.onFull()
    const at = this.#position - this.#base
    const length = readSync(this.#file(), chunkBuffer, 0, spoolChunkBytes, at)
    if (length === 0) return null
    const chunk = Buffer.from(chunkBuffer.subarray(0, length))
    this.#before = chunk.subarray(Math.max(0, length - overlapBytes))
    return chunk
  }

  #isFull(): boolean {
    const { bytesMax } = this.#options
    const size = this.#sizeSeen
    return size >= 2 * bytesMax || (size >= bytesMax && this.#position - this.#base >= size)
  }

  #fromCarried(): Buffer | null {
    if (this.#carried === null) return null
    const { offset, bytes } = this.#carried
    if (this.#position < offset) this.#gapTo(offset)
    const start = this.#position - offset
    return start < bytes.length ? bytes.subarray(start, start + spoolChunkBytes) : null
  }

  #carriedTo(end: number): { readonly offset: number; readonly bytes: Buffer } | null {
    const length = end - this.#position
    if (length > carriedBytesMax) return null
    const bytes = Buffer.alloc(length)
    readSync(this.#file(), bytes, 0, length, this.#position - this.#base)
    return { offset: this.#position, bytes }
  }

  #gapTo(offset: number): void {
    const from = this.#position
    this.#position = offset
    if (from < offset) this.#options.holder.onGap(from, offset)
  }

  /**
   * `> /dev/stderr` in a task empties the file behind it: seen by its size and its last bytes. The new bytes follow the
   * old ones; old ones that were not handed over are a gap. One that is written anew with the same end is not seen.
   */
  #followRewrite(): void {
    if (this.#end !== null || this.#position < this.#base) return
    const fd = this.#file()
    const size = fstatSync(fd).size
    const at = this.#position - this.#base
    if (size < at || !this.#stillEndsWith(fd, at)) {
      const end = Math.max(this.#position, this.#base + this.#sizeSeen)
      this.#options.holder.onBase(end, 0)
      this.#startAt(end)
      this.#gapTo(end)
    }
    this.#sizeSeen = size
  }

  #stillEndsWith(fd: number, at: number): boolean {
    const length = this.#before.length
    if (length === 0 || at < length) return true
    readSync(fd, overlapBuffer, 0, length, at - length)
    return overlapBuffer.subarray(0, length).equals(this.#before)
  }

  #startAt(base: number): void {
    this.#base = base
    this.#before = nothing
    this.#sizeSeen = 0
  }

  /** Ended streams hold no descriptor until someone asks for their bytes again. */
  #file(): number {
    this.#fd ??= openSync(this.#options.path, 'r+')
    return this.#fd
  }

  #closeFile(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }
}
