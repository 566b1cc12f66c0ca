import { assertBelow } from './bound.js'
import { bounds } from './bounds.js'
import type { Changes, Summary, Task, TaskList, TaskQuery } from './protocol.js'
import { isNews, TaskBook } from './task-book.js'

interface Watch {
  readonly query: TaskQuery
  list: TaskList | null
  revision: number
}

/** The lists of tasks on screen: tells the page what changed in their windows, and nothing else. */
export class TaskFeed {
  readonly #book = new TaskBook()
  readonly #get: (path: string) => Promise<unknown>
  readonly #changed: () => void
  readonly #watches = new Map<string, Watch>()
  /** What the page holds, by identity: a newer version is another object. */
  readonly #sent = new Map<string, Task>()
  /** Tasks asked from REST because the leader's snapshot has them no more. */
  readonly #asked = new Set<string>()
  #revision = 1
  #summaryRevision = 1
  #sentKnown = false
  #numbers = false

  constructor(get: (path: string) => Promise<unknown>, changed: () => void) {
    this.#get = get
    this.#changed = changed
  }

  /** The first counts of all: they wait for nothing. */
  get isFirst(): boolean {
    return this.#book.known !== this.#sentKnown
  }

  /** Changes wait that are numbers only: progress, counts. */
  get numbersDirty(): boolean {
    return this.#numbers || this.#summaryRevision !== this.#revision
  }

  put(task: Task, seq: number): void {
    const change = this.#book.put(task, seq)
    if (change === 'state') this.#revision += 1
    if (change === 'numbers') this.#numbers = true
  }

  picture(
    tasks: readonly Task[],
    seq: number,
    kind: { readonly resumed: boolean; readonly total: number },
  ): void {
    this.#book.picture(tasks, seq, kind)
    this.#revision += 1
    this.retryMissing()
  }

  clear(): void {
    this.#book.clear()
    this.#asked.clear()
    this.#revision += 1
  }

  watch(key: string, query: TaskQuery): void {
    this.#watches.delete(key)
    assertBelow(this.#watches.size, bounds.watchesMax, 'lists on screen')
    this.#watches.set(key, { query, list: null, revision: 0 })
    this.#askMissing(query.taskId)
  }

  unwatch(key: string): void {
    this.#watches.delete(key)
    this.#revision += 1
  }

  /** A task that is on screen but not held is asked again, after a reconnect. */
  retryMissing(): void {
    this.#asked.clear()
    for (const watch of this.#watches.values()) this.#askMissing(watch.query.taskId)
  }

  /** What the page must change to show its lists; {} when nothing did. */
  take(withNumbers: boolean): {
    readonly lists?: Record<string, TaskList>
    readonly tasks?: Changes<Task>
    readonly summary?: Summary
  } {
    this.#book.trim()
    const lists = this.#changedLists()
    const tasks = this.#changedTasks(withNumbers)
    const summary = withNumbers && this.#summaryRevision !== this.#revision ? this.#book.summary() : null
    if (withNumbers) {
      this.#sentKnown = this.#book.known
      this.#summaryRevision = this.#revision
      this.#numbers = false
    }
    return {
      ...(Object.keys(lists).length > 0 ? { lists } : {}),
      ...(tasks.upsert.length + tasks.remove.length > 0 ? { tasks } : {}),
      ...(summary === null ? {} : { summary }),
    }
  }

  #changedLists(): Record<string, TaskList> {
    const lists: Record<string, TaskList> = {}
    for (const [key, watch] of this.#watches) {
      if (watch.revision === this.#revision) continue
      watch.revision = this.#revision
      const list = this.#book.list(watch.query)
      if (watch.list !== null && isSame(watch.list, list)) continue
      watch.list = list
      lists[key] = list
    }
    return lists
  }

  /** Without numbers, a task goes out only when it is new on screen or its state changed. */
  #changedTasks(withNumbers: boolean): Changes<Task> {
    const upsert: Task[] = []
    const shown = new Set<string>()
    for (const watch of this.#watches.values()) for (const id of watch.list?.ids ?? []) shown.add(id)
    for (const taskId of shown) {
      const task = this.#book.get(taskId)
      const sent = this.#sent.get(taskId)
      if (task === undefined || task === sent) continue
      if (!withNumbers && sent !== undefined && !isNews(sent, task)) continue
      this.#sent.set(taskId, task)
      upsert.push(task)
    }
    const remove = [...this.#sent.keys()].filter((taskId) => !shown.has(taskId))
    for (const taskId of remove) this.#sent.delete(taskId)
    return { upsert, remove }
  }

  #askMissing(taskId: string | null): void {
    if (taskId === null || this.#asked.has(taskId) || this.#book.get(taskId) !== undefined) return
    this.#asked.add(taskId)
    this.#get(`/api/tasks/${encodeURIComponent(taskId)}`).then(
      (task) => {
        // Seq 0: anything that the socket brings is newer.
        this.put(task as Task, 0)
        this.#changed()
      },
      // Unknown to the leader too: the list stays empty and the page says so.
      () => {},
    )
  }
}

function isSame(a: TaskList, b: TaskList): boolean {
  return (
    a.query === b.query &&
    a.total === b.total &&
    a.ids.length === b.ids.length &&
    a.ids.every((id, i) => id === b.ids[i])
  )
}
