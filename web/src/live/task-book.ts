import { searchText, wordsOf } from '../../../src/core/tasks/search.js'
import { bounds } from './bounds.js'
import { LatencyBook } from './latency.js'
import type { StatusCounts, Summary, Task, TaskList, TaskQuery } from './protocol.js'
import { RelationBook } from './relation-book.js'
import { RiverBook } from './river.js'
import { compareAge, mergedByAge } from './task-order.js'
import { bandOf, compareTurn, WaitingTally } from './waiting.js'

type Counts = { -readonly [Key in keyof StatusCounts]: number }
const zero = (): Counts => ({ pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, stalled: 0 })

/** Stays the same object over all versions of its task, so that the order need not look it up. */
interface Held {
  task: Task
  seq: number
  /** What a text filter looks through, made on first use. */
  haystack: string | null
}

/** What a newer version of a task changes: nothing, only numbers that may wait, or its state. */
export type TaskChange = 'none' | 'numbers' | 'state'

/** Every task that the worker knows, with its counts and its order (oldest first). */
export class TaskBook {
  readonly #held = new Map<string, Held>()
  readonly #byWorker = new Map<string, Counts>()
  readonly #projects = new Map<string, number>()
  readonly #waiting = new WaitingTally()
  readonly #river = new RiverBook()
  readonly #latency = new LatencyBook()
  readonly #relations = new RelationBook()
  #deadLetters = 0
  #total = zero()
  #order: Held[] = []
  /** The first so many of the order are sorted; what came later may have to go before some of them. */
  #sortedCount = 0
  #known = false
  #unseen = 0
  #openCut = false

  /** False until the first snapshot has come. */
  get known(): boolean {
    return this.#known
  }

  get(taskId: string): Task | undefined {
    return this.#held.get(taskId)?.task
  }

  put(task: Task, seq: number): TaskChange {
    const before = this.#held.get(task.taskId)
    if (before !== undefined && before.seq > seq) return 'none'
    this.#count(task, 1)
    this.#river.note(before?.task, task)
    this.#latency.note(before?.task, task)
    if (before === undefined) {
      this.#relations.note(task)
      this.#enter({ task, seq, haystack: null })
      return 'state'
    }
    const { task: earlier } = before
    this.#count(earlier, -1)
    before.task = task
    before.seq = seq
    if (!isFoundAlike(earlier, task)) before.haystack = null
    return isNews(earlier, task) ? 'state' : 'numbers'
  }

  /**
   * A snapshot: what it lacks is gone, unless it changed after the snapshot was taken. `resumed`: it has only what
   * changed, the rest still holds. `total`: how many the leader has, when the snapshot was cut.
   */
  picture(
    tasks: readonly Task[],
    seq: number,
    kind: { readonly resumed: boolean; readonly total: number },
  ): void {
    if (!kind.resumed) {
      const present = new Set(tasks.map((task) => task.taskId))
      this.#drop((held) => !present.has(held.task.taskId) && held.seq <= seq)
      this.#unseen = Math.max(0, kind.total - tasks.length)
      // Unfinished ones come first: where no other came, the picture was cut among them.
      this.#openCut = this.#unseen > 0 && tasks.every(isUnfinished)
    }
    for (const task of tasks) this.put(task, seq)
    if (!kind.resumed) {
      this.#river.rebuild(this.#tasks(), this.#unseen > 0)
      this.#latency.rebuild(this.#tasks())
    }
    this.#known = true
  }

  /** Drops the oldest that are over, so that a wall of many days stays as small as on its first. */
  trim(): void {
    const { completed, failed, cancelled } = this.#total
    let over = completed + failed + cancelled - bounds.tasksFinishedHeld
    if (over < bounds.tasksFinishedHeld / 10) return
    this.#sort()
    const oldest = new Set<Held>()
    for (const held of this.#order) {
      if (over <= 0) break
      if (isUnfinished(held.task)) continue
      oldest.add(held)
      over -= 1
    }
    this.#unseen += oldest.size
    this.#drop((held) => oldest.has(held))
  }

  clear(): void {
    this.#held.clear()
    this.#byWorker.clear()
    this.#projects.clear()
    this.#waiting.clear()
    this.#river.clear()
    this.#latency.clear()
    this.#relations.clear()
    this.#deadLetters = 0
    this.#total = zero()
    this.#order = []
    this.#sortedCount = 0
    this.#known = false
    this.#unseen = 0
    this.#openCut = false
  }

  summary(): Summary {
    const byWorker: Record<string, StatusCounts> = {}
    for (const [workerId, counts] of this.#byWorker) byWorker[workerId] = { ...counts }
    return {
      tasks: { ...this.#total },
      waiting: this.#waiting.counts(),
      deadLetters: this.#deadLetters,
      byWorker,
      paces: this.#river.paces(),
      river: this.#river.river(),
      latency: this.#latency.minutes(),
      projects: [...this.#projects.keys()].sort(),
      known: this.#known,
      unseen: this.#unseen,
      openCut: this.#openCut,
    }
  }

  list(query: TaskQuery): TaskList {
    if (query.taskId !== null) {
      const ids = this.#held.has(query.taskId) ? [query.taskId] : []
      return { query, ids, total: ids.length }
    }
    const found = query.relatedTo === null ? this.#find(query) : this.#related(query.relatedTo)
    if (query.order === 'attention') found.sort((a, b) => rank(a) - rank(b))
    if (query.order === 'queue') found.sort(compareTurn)
    const until = query.from + Math.min(query.limit, bounds.listRowsMax)
    const ids = found.slice(query.from, until).map((task) => task.taskId)
    return { query, ids, total: found.length }
  }

  /** Newest first. */
  #find(query: TaskQuery): Task[] {
    this.#sort()
    const words = wordsOf(query.text)
    const found: Task[] = []
    for (let index = this.#order.length - 1; index >= 0; index -= 1) {
      const held = this.#order[index]
      if (held === undefined || !matches(held, query, words)) continue
      if (!query.connected || this.#relations.isConnected(held.task)) found.push(held.task)
    }
    return found
  }

  /** Of those that are held, oldest first. */
  #related(taskId: string): Task[] {
    const dependsOn = (id: string) => this.#held.get(id)?.task.dependsOn ?? []
    return this.#relations
      .related(taskId, bounds.relatedMax, dependsOn)
      .flatMap((id) => this.#held.get(id)?.task ?? [])
      .sort(compareAge)
  }

  *#tasks(): Iterable<Task> {
    for (const { task } of this.#held.values()) yield task
  }

  #drop(isGone: (held: Held) => boolean): void {
    for (const [taskId, held] of this.#held) {
      if (!isGone(held)) continue
      this.#count(held.task, -1)
      this.#relations.forget(held.task)
      this.#held.delete(taskId)
    }
    this.#sort()
    this.#order = this.#order.filter((held) => this.#held.get(held.task.taskId) === held)
    this.#sortedCount = this.#order.length
  }

  #enter(held: Held): void {
    const last = this.#order.at(-1)
    const isSorted = this.#sortedCount === this.#order.length
    this.#held.set(held.task.taskId, held)
    this.#order.push(held)
    if (isSorted && (last === undefined || compareAge(last.task, held.task) <= 0)) this.#sortedCount += 1
  }

  /** Late comers are few beside what is held: they are sorted alone and merged. */
  #sort(): void {
    if (this.#sortedCount === this.#order.length) return
    const late = this.#order.splice(this.#sortedCount).sort((a, b) => compareAge(a.task, b.task))
    this.#order = mergedByAge(this.#order, late)
    this.#sortedCount = this.#order.length
  }

  #count(task: Task, by: 1 | -1): void {
    const owner = task.workerId ?? task.requirements.workerId
    const counts = [this.#total]
    if (owner !== null) {
      const ofWorker = this.#byWorker.get(owner) ?? zero()
      this.#byWorker.set(owner, ofWorker)
      counts.push(ofWorker)
    }
    for (const each of counts) {
      each[task.status] += by
      if (task.stall !== null) each.stalled += by
    }
    this.#waiting.count(task, by)
    if (task.phase === 'dead_letter') this.#deadLetters += by
    const inProject = (this.#projects.get(task.project) ?? 0) + by
    if (inProject > 0) this.#projects.set(task.project, inProject)
    else this.#projects.delete(task.project)
  }
}

const isUnfinished = ({ status }: Task): boolean => status === 'pending' || status === 'running'

function matches(held: Held, query: TaskQuery, words: readonly string[]): boolean {
  const { task } = held
  if (query.statuses.length > 0 && !query.statuses.includes(task.status)) return false
  if (query.phases.length > 0 && !query.phases.includes(task.phase)) return false
  if (query.band !== null && bandOf(task.priority) !== query.band) return false
  if (query.reason !== null && (task.waitReason?.code ?? '') !== query.reason) return false
  if (query.workerId !== null && (task.workerId ?? task.requirements.workerId) !== query.workerId)
    return false
  if (query.agentId !== null && task.agentId !== query.agentId) return false
  if (query.project !== null && task.project !== query.project) return false
  if (words.length === 0) return true
  held.haystack ??= searchText(task)
  const { haystack: text } = held
  return words.every((word) => text.includes(word))
}

/** What needs a person first, then what runs, waits, failed, is over. */
function rank(task: Task): number {
  if (task.stall !== null || task.phase === 'unknown') return 0
  return { running: 1, pending: 2, failed: 3, cancelled: 4, completed: 5 }[task.status]
}

/** True when a text filter finds one where it finds the other: a task's payload never changes. */
function isFoundAlike(a: Task, b: Task): boolean {
  return (
    a.phase === b.phase &&
    a.workerId === b.workerId &&
    a.agentId === b.agentId &&
    a.name === b.name &&
    a.project === b.project
  )
}

/** True when more than numbers (progress) changed. */
export function isNews(before: Task, after: Task): boolean {
  return stateKey(before) !== stateKey(after)
}

function stateKey(task: Task): string {
  const stall = task.stall === null ? '' : `${task.stall.kind}@${task.stall.since}`
  const why = task.waitReason?.text ?? ''
  return [task.status, task.phase, task.workerId, task.agentId, task.attempt, task.pid, stall, why].join('|')
}
