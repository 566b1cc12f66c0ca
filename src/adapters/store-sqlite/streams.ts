import { limits } from '../../core/limits.js'
import type {
  ChatRecord,
  LineFilter,
  LineHead,
  LineRecord,
  RecentLines,
  Streams,
} from '../../ports/streams.js'
import type { Ballast } from './ballast.js'
import { whenThereIsSpace } from './full-disk.js'
import type { Caller } from './store-thread.js'
import type { StreamsCalls } from './streams-thread.js'

/** streams.db, written (each batch fsynced) and read by its own thread. */
export class SqliteStreams implements Streams {
  readonly #thread: Caller<StreamsCalls>
  readonly #ballast: Pick<Ballast, 'free'>
  #isOpen = true

  constructor(thread: Caller<StreamsCalls>, ballast: Pick<Ballast, 'free'>) {
    this.#thread = thread
    this.#ballast = ballast
  }

  appendLines(batch: { lines: readonly LineRecord[]; heads: readonly LineHead[] }): Promise<void> {
    const json = JSON.stringify(batch)
    return this.#write(() => this.#thread.call('appendLines', { json }))
  }

  lineHeads(fences: readonly number[]): Promise<readonly LineHead[]> {
    return this.#thread.call('lineHeads', { fences })
  }

  lastLineNumber(taskId: string): Promise<number> {
    return this.#thread.call('lastLineNumber', { taskId })
  }

  taskLines(taskId: string, after: number, limit: number): Promise<readonly LineRecord[]> {
    return this.#thread.call('taskLines', { taskId, after, limit: Math.min(limit, limits.readerRowsMax) })
  }

  async recentLines(
    filter: LineFilter,
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
  ): Promise<RecentLines> {
    const newestFirst: LineRecord[] = []
    let beforeId: number | null = before
    while (beforeId !== null && newestFirst.length < limit) {
      const page: { readonly lines: readonly LineRecord[]; readonly nextId: number | null } =
        await this.#thread.call('recentPage', {
          filter,
          beforeId,
          limit: Math.min(limit - newestFirst.length, limits.readerRowsMax),
        })
      newestFirst.push(...page.lines)
      beforeId = page.nextId
    }
    return { lines: newestFirst.reverse(), before: beforeId }
  }

  trimLines(totalMax: number): Promise<boolean> {
    return this.#write(() => this.#thread.call('trimLines', { totalMax }))
  }

  appendChat(record: ChatRecord): Promise<void> {
    return this.#write(() => this.#thread.call('appendChat', record))
  }

  async chat(context: string, limit: number): Promise<readonly ChatRecord[]> {
    return this.#thread.call('chat', { context, limit: Math.min(limit, limits.readerRowsMax) })
  }

  close(): Promise<void> {
    this.#isOpen = false
    return this.#thread.close()
  }

  #write<Result>(write: () => Promise<Result>): Promise<Result> {
    return whenThereIsSpace(this.#ballast, () => this.#isOpen, write)
  }
}
