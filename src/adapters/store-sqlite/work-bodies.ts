import { limits } from '../../core/limits.js'
import type { WorkBodies } from '../../ports/work-bodies.js'
import type { Ballast } from './ballast.js'
import { whenThereIsSpace } from './full-disk.js'
import type { Caller } from './store-thread.js'
import type { StreamsCalls } from './streams-thread.js'

/** Items of batches in streams.db, by its thread: each put is fsynced. */
export class SqliteWorkBodies implements WorkBodies {
  readonly #thread: Caller<StreamsCalls>
  readonly #ballast: Pick<Ballast, 'free'>
  #isOpen = true

  constructor(thread: Caller<StreamsCalls>, ballast: Pick<Ballast, 'free'>) {
    this.#thread = thread
    this.#ballast = ballast
  }

  put(bodyId: string, fromIndex: number, items: readonly string[]): Promise<void> {
    return this.#write(() => this.#thread.call('putItems', { bodyId, fromIndex, items }))
  }

  read(
    bodyId: string,
    fromIndex: number,
    { itemsMax, charsMax }: { readonly itemsMax: number; readonly charsMax: number },
  ): Promise<readonly string[]> {
    const most = Math.min(itemsMax, limits.readerRowsMax)
    return this.#thread.call('readItems', { bodyId, fromIndex, itemsMax: most, charsMax })
  }

  drop(bodyId: string): Promise<void> {
    return this.#write(() => this.#thread.call('dropItems', { bodyId }))
  }

  bodyIds(): Promise<readonly string[]> {
    return this.#thread.call('bodyIds', {})
  }

  /** The thread is the streams' own and ends with them. */
  close(): void {
    this.#isOpen = false
  }

  #write<Result>(write: () => Promise<Result>): Promise<Result> {
    return whenThereIsSpace(this.#ballast, () => this.#isOpen, write)
  }
}
