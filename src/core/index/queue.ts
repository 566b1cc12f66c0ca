import { limits } from '../limits.js'
import type { Task } from '../tasks/task.js'

/** Bands of REST's priorities: high 8–10, normal 4–7, low 1–3. */
export type Band = 0 | 1 | 2
const bandOf = (priority: number): Band => (priority >= 8 ? 0 : priority >= 4 ? 1 : 2)

interface Entry {
  readonly taskId: string
  readonly priority: number
  /** Seq of the event that queued it: its age. */
  readonly sinceSeq: number
}

/** Removed entries that a FIFO may hold beside as many as are present. */
const staleKept = 1_024

/** A FIFO that forgets removed entries lazily. Invariant: every present entry is in `#items` at or after `#head`. */
class Fifo {
  #items: Entry[] = []
  #head = 0
  #present = new Set<string>()

  push(entry: Entry): void {
    this.#items.push(entry)
    this.#present.add(entryKey(entry))
  }

  remove(entry: Entry): void {
    this.#present.delete(entryKey(entry))
    if (this.#items.length - this.#head <= 2 * this.#present.size + staleKept) return
    this.#items = this.#items.slice(this.#head).filter((item) => this.#present.has(entryKey(item)))
    this.#head = 0
  }

  first(): Entry | null {
    for (;;) {
      const entry = this.#items[this.#head]
      if (entry === undefined) {
        this.#items = []
        this.#head = 0
        return null
      }
      if (this.#present.has(entryKey(entry))) return entry
      this.#head += 1
      if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
    }
  }
}

const entryKey = (entry: Entry): string => `${entry.taskId}@${entry.sinceSeq}`

/** Tasks that can go to the same nodes: same type, same pinned worker. */
export interface QueueClass {
  readonly type: string
  readonly workerId: string | null
}

/** The queued tasks of a class; it is dropped with the last one. */
interface Waiting {
  readonly key: string
  readonly about: QueueClass
  readonly levels: readonly Fifo[]
  size: number
}

/**
 * Queued tasks by class, band and priority. Within a band the higher priority goes first, then the older one;
 * a band that was passed over limits.bandStarvationMax times goes next.
 */
export class TaskQueue {
  readonly #classes = new Map<string, Waiting>()
  readonly #where = new Map<
    string,
    { readonly waiting: Waiting; readonly fifo: Fifo; readonly entry: Entry }
  >()
  readonly #passedOver: [number, number, number] = [0, 0, 0]

  get size(): number {
    return this.#where.size
  }

  add(task: Task, sinceSeq: number): void {
    const about: QueueClass = { type: task.spec.type, workerId: task.spec.requirements.workerId }
    const key = `${about.workerId ?? ''}\n${about.type}`
    let waiting = this.#classes.get(key)
    if (waiting === undefined) {
      waiting = { key, about, levels: Array.from({ length: 11 }, () => new Fifo()), size: 0 }
      this.#classes.set(key, waiting)
    }
    const fifo = waiting.levels[task.spec.priority]
    if (fifo === undefined) return
    const entry = { taskId: task.taskId, priority: task.spec.priority, sinceSeq }
    fifo.push(entry)
    waiting.size += 1
    this.#where.set(task.taskId, { waiting, fifo, entry })
  }

  remove(taskId: string): void {
    const found = this.#where.get(taskId)
    if (found === undefined) return
    const { waiting, fifo, entry } = found
    fifo.remove(entry)
    waiting.size -= 1
    if (waiting.size === 0) this.#classes.delete(waiting.key)
    this.#where.delete(taskId)
  }

  /** The task to place next among classes that `canPlace` some node for; null when none. Does not remove it. */
  next(canPlace: (about: QueueClass) => boolean): string | null {
    const best: [Entry | null, Entry | null, Entry | null] = [null, null, null]
    for (const { about, levels } of this.#classes.values()) {
      if (!canPlace(about)) continue
      for (let priority = 10; priority >= 1; priority -= 1) {
        const entry = levels[priority]?.first() ?? null
        if (entry === null) continue
        const band = bandOf(priority)
        const rival = best[band]
        if (rival === null || isBefore(entry, rival)) best[band] = entry
      }
    }
    const band = this.#chooseBand(best)
    return band === null ? null : (best[band]?.taskId ?? null)
  }

  #chooseBand(best: readonly [Entry | null, Entry | null, Entry | null]): Band | null {
    const waiting = ([0, 1, 2] as const).filter((band) => best[band] !== null)
    const starved = waiting.find((band) => this.#passedOver[band] >= limits.bandStarvationMax)
    const chosen = starved ?? waiting[0] ?? null
    if (chosen === null) return null
    for (const band of waiting) this.#passedOver[band] = band === chosen ? 0 : this.#passedOver[band] + 1
    return chosen
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.priority !== other.priority ? one.priority > other.priority : one.sinceSeq < other.sinceSeq
}
