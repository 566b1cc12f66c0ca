import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { Log } from '../../ports/log.js'

const cursorSchema = z.object({ logId: z.string(), seq: z.number().int().min(0) })
export type Cursor = z.infer<typeof cursorSchema>

/**
 * Up to where alerts were delivered, beside the journal. Not fsynced: after a power cut some are delivered again, by the
 * same delivery id. A file that cannot be read is warned of and counts as none.
 */
export class WebhookCursor {
  readonly #path: string
  readonly #log: Log

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  /** null = nothing was ever delivered from here. */
  read(): Cursor | null {
    try {
      return cursorSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isMissing)
        this.#log.warn('the position of the alert webhook cannot be read', { path: this.#path, error })
      return null
    }
  }

  write(cursor: Cursor): void {
    try {
      const partial = `${this.#path}.tmp`
      writeFileSync(partial, JSON.stringify(cursor), { mode: 0o600 })
      renameSync(partial, this.#path)
    } catch (error) {
      this.#log.warn('the position of the alert webhook cannot be written', { path: this.#path, error })
    }
  }
}
