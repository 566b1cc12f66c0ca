import type { FoundLines, LinePage } from '../../../src/contract/line.js'
import { limits } from '../../../src/core/limits.js'
import { assertBelow } from './bound.js'
import { bounds } from './bounds.js'
import { LineBook, LineWatch } from './line-book.js'
import { lineSearch } from './line-search.js'
import type { Line, LineDelta, LineQuery } from './protocol.js'

/**
 * The streams of lines on screen. A stream starts with what the worker holds, takes what the leader kept from before
 * by REST, and then follows the socket.
 */
export class LineFeed {
  readonly #book = new LineBook()
  readonly #get: (path: string) => Promise<unknown>
  readonly #changed: () => void
  readonly #watches = new Map<string, LineWatch>()
  /** Only lines at or before it, Unix ms; null = all, and those that come. */
  #untilMs: number | null = null
  /** Topics whose snapshot has come: from here on the socket brings every line. */
  readonly #followed = new Set<string>()

  constructor(get: (path: string) => Promise<unknown>, changed: () => void) {
    this.#get = get
    this.#changed = changed
  }

  topics(): ReadonlySet<string> {
    return new Set([...this.#watches.values()].map((watch) => topicOf(watch.query)))
  }

  watch(key: string, query: LineQuery): void {
    this.#watches.delete(key)
    assertBelow(this.#watches.size, bounds.watchesMax, 'streams on screen')
    this.#start(key, query)
    this.#leaveTopics()
    // Else the snapshot that the subscription brings starts it again.
    if (this.#untilMs !== null || this.#followed.has(topicOf(query))) this.#askFound(key)
  }

  unwatch(key: string): void {
    this.#watches.delete(key)
    this.#leaveTopics()
  }

  /** A topic without a stream is left; when it is followed again, a new snapshot comes. */
  #leaveTopics(): void {
    const topics = this.topics()
    for (const topic of this.#followed) if (!topics.has(topic)) this.#followed.delete(topic)
  }

  put(lines: readonly Line[]): void {
    const fresh = this.#book.take(lines)
    for (const watch of this.#watches.values()) watch.append(fresh)
  }

  /** A snapshot of a task's lines, or of all (null). */
  restart(taskId: string | null, lines: readonly Line[]): void {
    this.#book.restart(taskId, lines)
    for (const [key, { query }] of this.#watches) {
      if (query.taskId !== taskId) continue
      this.#followed.add(topicOf(query))
      this.#start(key, query)
      this.#askFound(key)
    }
  }

  /** Shows the lines up to an instant, or (null) the newest again when their snapshots come. */
  showUntil(atMs: number | null): void {
    this.#untilMs = atMs
    this.#followed.clear()
    if (atMs === null) return
    for (const [key, { query }] of this.#watches) {
      // What is shown stays until the leader's answer has come.
      this.#watches.set(key, new LineWatch(query, [], { isQuiet: true }))
      this.#askFound(key)
    }
  }

  clear(): void {
    this.#book.clear()
    this.#followed.clear()
    for (const [key, watch] of this.#watches) this.#start(key, watch.query)
  }

  /** Pages back: in one task's output by line number, over all tasks by the leader's cursor. */
  askOlder(key: string): void {
    const watch = this.#watches.get(key)
    if (watch?.query.taskId == null) {
      this.#askFound(key)
      return
    }
    if (watch.reached <= 1) return
    const after = Math.max(0, Math.ceil(watch.reached) - 1 - limits.linesPageMax)
    const limit = Math.ceil(watch.reached) - 1 - after
    const path = `/api/tasks/${encodeURIComponent(watch.query.taskId)}/logs?after=${after}&limit=${limit}`
    void this.#prepend(key, watch, path, (page) => {
      watch.prepend(page.lines, after === 0, after + 1)
    })
  }

  /** What each stream shows from now on; null when nothing changed. */
  take(): Record<string, LineDelta> | null {
    const changed = [...this.#watches].filter(([, watch]) => watch.dirty)
    if (changed.length === 0) return null
    return Object.fromEntries(changed.map(([key, watch]) => [key, watch.take()]))
  }

  #start(key: string, query: LineQuery): void {
    this.#watches.set(key, new LineWatch(query, this.#book.newest(query, bounds.linesAtFirst)))
  }

  /** The newest lines that the leader kept, and each time after that those before them. */
  #askFound(key: string): void {
    const watch = this.#watches.get(key)
    if (watch === undefined || watch.cursor === null) return
    const search = lineSearch(watch.query)
    // Up to the instant, itself included; the leader's end is exclusive.
    if (this.#untilMs !== null) search.set('until', String(Math.floor(this.#untilMs) + 1))
    if (watch.cursor !== undefined) search.set('cursor', watch.cursor)
    void this.#prepend(key, watch, `/api/logs?${search}`, (page) => {
      const { lines, nextCursor } = page as FoundLines
      watch.cursor = nextCursor
      watch.prepend(lines, nextCursor === null, null)
    })
  }

  /** Puts what the leader kept before what is shown. */
  async #prepend(key: string, watch: LineWatch, path: string, take: (page: LinePage) => void): Promise<void> {
    try {
      const page = (await this.#get(path)) as LinePage
      if (this.#watches.get(key) !== watch) return
      take(page)
      this.#changed()
    } catch {
      // The stream goes on with what it has; the next snapshot asks again.
    }
  }
}

const topicOf = (query: LineQuery): string => (query.taskId === null ? 'logs' : `logs:${query.taskId}`)
