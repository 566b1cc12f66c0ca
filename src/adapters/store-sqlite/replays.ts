import type { ReplayEvents, ReplayPicture, ReplayRange, Replays } from '../../ports/replays.js'
import type { ReplayCalls } from './replay-thread.js'
import type { Caller } from './store-thread.js'

/** The past out of journal.db and views.db. Its thread starts with the first question: most leaders are never asked. */
export class SqliteReplays implements Replays {
  readonly #start: () => Promise<Caller<ReplayCalls>>
  #thread: Promise<Caller<ReplayCalls>> | null = null

  constructor(start: () => Promise<Caller<ReplayCalls>>) {
    this.#start = start
  }

  async range(about: Parameters<Replays['range']>[0]): Promise<ReplayRange> {
    return (await this.#running()).call('range', about)
  }

  async picture(about: Parameters<Replays['picture']>[0]): Promise<ReplayPicture> {
    return (await this.#running()).call('picture', about)
  }

  async page(about: Parameters<Replays['page']>[0]): Promise<readonly string[]> {
    return (await this.#running()).call('page', about)
  }

  async events(about: Parameters<Replays['events']>[0]): Promise<ReplayEvents> {
    return (await this.#running()).call('events', about)
  }

  async nextFailure(about: Parameters<Replays['nextFailure']>[0]): ReturnType<Replays['nextFailure']> {
    return (await this.#running()).call('nextFailure', about)
  }

  async seqAt(about: Parameters<Replays['seqAt']>[0]): Promise<number> {
    return (await this.#running()).call('seqAt', about)
  }

  async close(): Promise<void> {
    // One that could not start has nothing to close.
    const thread = await this.#thread?.catch(() => null)
    await thread?.close()
  }

  /** One that could not start is tried again by the next question. */
  #running(): Promise<Caller<ReplayCalls>> {
    this.#thread ??= this.#start().catch((failure: unknown) => {
      this.#thread = null
      throw failure
    })
    return this.#thread
  }
}
