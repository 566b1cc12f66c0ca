import { randomBytes } from 'node:crypto'
import { rmSync, statfsSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../../ports/log.js'

const chunkBytes = 1024 * 1024
const retryMs = 5_000
/** Of a small disk the ballast takes at most this share of what is free. */
const shareOfFree = 1 / 4

/**
 * A file whose only worth is its size: freed on the first full disk, so that what ends work can still be written, and
 * made again when there is room for it twice over.
 */
export class Ballast {
  readonly #path: string
  readonly #log: Log
  readonly #bytes: number
  #state: 'held' | 'making' | 'freed' | 'closed' = 'freed'
  #spaceLow = false
  #retry: NodeJS.Timeout | null = null
  #making: Promise<void> = Promise.resolve()

  constructor(options: { path: string; bytes: number; log: Log }) {
    this.#path = options.path
    this.#log = options.log
    const sizeBytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
    this.#bytes = Math.min(options.bytes, Math.floor((this.#freeBytes() + sizeBytes) * shareOfFree))
    if (sizeBytes >= this.#bytes) this.#state = 'held'
    else this.#make()
  }

  /** From the first full disk until the ballast stands again. */
  get spaceLow(): boolean {
    return this.#spaceLow
  }

  /** The disk is full: gives its room to the writer. */
  free(): void {
    this.#spaceLow = true
    if (this.#state === 'closed') return
    if (this.#state === 'held') this.#log.warn('the disk is full; the ballast is freed', { path: this.#path })
    rmSync(this.#path, { force: true })
    if (this.#state === 'held') this.#state = 'freed'
    this.#tryLater()
  }

  /** Resolves when a file that is being made is whole or removed. */
  async close(): Promise<void> {
    this.#state = 'closed'
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#making
  }

  #make(): void {
    this.#state = 'making'
    this.#making = this.#write().then(
      () => this.#made(true),
      (cause: unknown) => {
        this.#log.warn('there is no room for the ballast', { path: this.#path, error: cause })
        this.#made(false)
      },
    )
  }

  #made(whole: boolean): void {
    if (this.#state === 'closed') return
    this.#state = whole && statSync(this.#path, { throwIfNoEntry: false }) !== undefined ? 'held' : 'freed'
    if (this.#state === 'freed') {
      this.#tryLater()
      return
    }
    if (this.#spaceLow) this.#log.info('the disk has room again', { path: this.#path })
    this.#spaceLow = false
  }

  async #write(): Promise<void> {
    const chunk = randomBytes(chunkBytes)
    const file = await open(this.#path, 'w', 0o600)
    try {
      for (let written = 0; written < this.#bytes; written += chunkBytes) {
        if (this.#state === 'closed') break
        await file.write(chunk, 0, Math.min(chunkBytes, this.#bytes - written))
      }
    } catch (thrown) {
      await rm(this.#path, { force: true })
      throw thrown
    } finally {
      await file.close()
    }
  }

  #tryLater(): void {
    if (this.#retry !== null) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      if (this.#state !== 'freed') return
      if (this.#freeBytes() >= 2 * this.#bytes) this.#make()
      else this.#tryLater()
    }, retryMs).unref()
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#path))
    return bavail * bsize
  }
}
