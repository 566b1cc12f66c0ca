import {
  closeSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { NumberedUpdate } from '../../ports/node-link.js'
import type { Outbox } from '../../ports/outbox.js'

export interface OutboxFileOptions {
  readonly path: string
  /** Un-acked bytes that it takes. Default limits.outboxBytesMax. */
  readonly bytesMax?: number
}

interface Kept {
  readonly incarnation: number
  readonly uplinkSeq: number
  readonly line: Buffer
}

/** Acked bytes that the file may carry before what is un-acked is written anew. */
const deadBytesMax = 1024 * 1024

const fsyncFile = promisify(fsync)

/**
 * Outbox as an append-only file, a JSON line an update. What is acked is not marked: the leader drops a repeat by its
 * number; the file is emptied when all is acked and written anew when acked lines are most of it. A torn last line, as a
 * kill or a power cut leaves it, was never sent as durable and is dropped. For one process at a time.
 */
export class OutboxFile implements Outbox {
  readonly #path: string
  readonly #bytesMax: number
  #fd: number
  readonly #backlog: readonly NumberedUpdate[]
  #kept: Kept[]
  #keptBytes: number
  #fileBytes: number
  /** Something was written since the last fsync. */
  #dirty = false
  #syncing: Promise<void> | null = null

  constructor(options: OutboxFileOptions) {
    this.#path = options.path
    this.#bytesMax = options.bytesMax ?? limits.outboxBytesMax
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    this.#fd = openSync(this.#path, 'a', 0o600)
    const content = readFileSync(this.#path)
    const { updates, kept, bytes } = parse(content)
    if (bytes < content.length) ftruncateSync(this.#fd, bytes)
    this.#backlog = updates
    this.#kept = kept
    this.#keptBytes = bytes
    this.#fileBytes = bytes
  }

  backlog(): readonly NumberedUpdate[] {
    return this.#backlog
  }

  put(update: NumberedUpdate): void {
    const line = Buffer.from(`${JSON.stringify(update)}\n`)
    if (this.#keptBytes + line.length > this.#bytesMax) {
      throw new ControlError(
        'resource_exhausted',
        `The outbox holds ${this.#keptBytes} un-acked bytes already.`,
      )
    }
    this.#append(line)
    this.#kept.push({ incarnation: update.incarnation, uplinkSeq: update.uplinkSeq, line })
    this.#keptBytes += line.length
  }

  async flush(): Promise<void> {
    // Whoever comes while the disk works needs a further fsync: its write may be too late for this one.
    while (this.#syncing !== null) await this.#syncing
    if (!this.#dirty) return
    this.#dirty = false
    this.#syncing = fsyncFile(this.#fd)
    try {
      await this.#syncing
    } catch (error) {
      this.#dirty = true
      throw error
    } finally {
      this.#syncing = null
    }
  }

  acked(incarnation: number, uplinkSeq: number): void {
    this.#kept = this.#kept.filter((one) => one.incarnation !== incarnation || one.uplinkSeq > uplinkSeq)
    this.#keptBytes = this.#kept.reduce((sum, { line }) => sum + line.length, 0)
    const deadBytes = this.#fileBytes - this.#keptBytes
    if (this.#kept.length === 0) this.#empty()
    else if (deadBytes > deadBytesMax && deadBytes > this.#keptBytes) this.#rewrite()
  }

  async close(): Promise<void> {
    while (this.#syncing !== null) await this.#syncing.catch(() => undefined)
    closeSync(this.#fd)
  }

  /** A write that the disk cuts short is taken back: the next line must not follow half a one. */
  #append(line: Buffer): void {
    try {
      const written = writeSync(this.#fd, line)
      if (written < line.length) throw new Error(`only ${written} of ${line.length} bytes were written`)
    } catch (cause) {
      ftruncateSync(this.#fd, this.#fileBytes)
      throw new ControlError('resource_exhausted', 'The outbox cannot be written.', { cause })
    }
    this.#fileBytes += line.length
    this.#dirty = true
  }

  #empty(): void {
    if (this.#fileBytes === 0) return
    ftruncateSync(this.#fd, 0)
    this.#fileBytes = 0
    this.#dirty = false
  }

  #rewrite(): void {
    if (this.#syncing !== null) return
    const path = `${this.#path}.new`
    const fd = openSync(path, 'w', 0o600)
    for (const { line } of this.#kept) writeSync(fd, line)
    closeSync(fd)
    renameSync(path, this.#path)
    closeSync(this.#fd)
    this.#fd = openSync(this.#path, 'a', 0o600)
    this.#fileBytes = this.#keptBytes
    this.#dirty = true
  }
}

/** Whole lines from the start; `bytes` is where the first bad one begins. */
function parse(content: Buffer): { updates: NumberedUpdate[]; kept: Kept[]; bytes: number } {
  const updates: NumberedUpdate[] = []
  const kept: Kept[] = []
  let bytes = 0
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, bytes)) {
    const line = content.subarray(bytes, end + 1)
    const update = updateOf(line.toString('utf8'))
    if (update === null) break
    updates.push(update)
    kept.push({ incarnation: update.incarnation, uplinkSeq: update.uplinkSeq, line })
    bytes = end + 1
  }
  return { updates, kept, bytes }
}

/** The file is ours alone, so its shape is trusted where its text is whole. */
function updateOf(line: string): NumberedUpdate | null {
  try {
    const value = JSON.parse(line) as NumberedUpdate
    return value.kind === 'durable' ? value : null
  } catch {
    return null
  }
}
