import type { ConfigChange } from '../../core/config/config-change.js'
import { limits } from '../../core/limits.js'
import type { Task } from '../../core/tasks/task.js'
import type {
  ConfigFilter,
  Entity,
  LoadPoint,
  LoadQuery,
  SampleRow,
  TaskFilter,
  Views,
} from '../../ports/store.js'
import type { Ballast } from './ballast.js'
import { whenThereIsSpace } from './full-disk.js'
import type { Caller } from './store-thread.js'
import type { KeyPage } from './views-lists.js'
import type { ViewsCalls } from './views-thread.js'

/** Statuses of tasks that are over; tasks in another one are all in memory. */
const finishedStatuses: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled'])

const parse = <Kept extends Entity>(json: string): Kept => JSON.parse(json) as Kept
const parseTask = (json: string | null): Task | null => (json === null ? null : parse<Task>(json))

/** Entities whose JSON is made and handed to the thread at once. */
const entitiesPerPart = 1_000

/** A line of JSON per entity of the part that begins there. */
const linesOf = (entities: readonly Entity[], start: number): string =>
  entities
    .slice(start, start + entitiesPerPart)
    .map((entity) => JSON.stringify(entity))
    .join('\n')

/** views.db, projected and read by its own thread. */
export class SqliteViews implements Views {
  readonly #thread: Caller<ViewsCalls>
  readonly #ballast: Pick<Ballast, 'free'>
  #isOpen = true

  constructor(thread: Caller<ViewsCalls>, ballast: Pick<Ballast, 'free'>) {
    this.#thread = thread
    this.#ballast = ballast
  }

  projectedSeq(): Promise<number> {
    return this.#thread.call('projectedSeq', {})
  }

  /** Handed over in parts, so that turns run between them; written in one transaction with the last of them. */
  async project(batch: Parameters<Views['project']>[0]): Promise<void> {
    const { fromSeq, toSeq, entities, configEvents = [] } = batch
    let part = 0
    let start = 0
    for (; entities.length - start > entitiesPerPart; start += entitiesPerPart) {
      await this.#thread.call('projectPart', { part, lines: linesOf(entities, start) })
      part += 1
    }
    const lines = linesOf(entities, start)
    await this.#write(() => this.#thread.call('project', { fromSeq, toSeq, part, lines, configEvents }))
  }

  async load(options: { readonly finishedMax: number }): Promise<readonly Entity[]> {
    const cluster = await this.#loadAll('cluster', 0)
    const retiredThroughSeq = cluster[0]?.kind === 'cluster' ? cluster[0].retiredThroughSeq : 0
    const rest = [
      await this.#loadAll('node', 0),
      await this.#loadAll('uplink', 0),
      await this.#loadAll('credential', 0),
      await this.#loadAll('limit', 0),
      await this.#loadAll('schedule', 0),
      await this.#loadAll('template', 0),
      await this.#loadAll('trigger', 0),
      await this.#loadAll('alert', 0),
      await this.#loadAll('alert', 1, { max: limits.alertsClearedKept }),
      await this.#loadAll('receipt', 0),
      await this.#loadAll('receipt', 1, { max: limits.receiptsFinalKept }),
      await this.#loadAll('work', 0),
      await this.#loadAll('work', 1, { max: limits.workFinishedKept }),
      await this.#loadAll('task', 0),
      await this.#loadAll('task', 1, { max: options.finishedMax, aboveSeq: retiredThroughSeq }),
    ]
    return [...cluster, ...rest.flat()]
  }

  async task(taskId: string): Promise<Task | null> {
    return parseTask(await this.#thread.call('entity', { kind: 'task', id: taskId }))
  }

  async taskByKey(clientId: string, key: string): Promise<Task | null> {
    return parseTask(await this.#thread.call('taskByKey', { clientId, key }))
  }

  async *retiredKeys(about: {
    throughSeq: number
    sinceMs: number
  }): AsyncGenerator<readonly { clientId: string; key: string }[]> {
    let afterSeq: number | null = 0
    while (afterSeq !== null) {
      const page: KeyPage = await this.#thread.call('retiredKeys', { ...about, afterSeq })
      yield page.keys
      afterSeq = page.nextSeq
    }
  }

  async listTasks(
    filter: TaskFilter,
    page: { throughSeq: number; beforeSeq: number; afterSeq: number; limit: number },
  ): Promise<readonly Task[]> {
    if (filter.status !== undefined && !finishedStatuses.has(filter.status)) return []
    const { throughSeq, afterSeq } = page
    const tasks: Task[] = []
    let beforeSeq: number | null = page.beforeSeq
    while (beforeSeq !== null && tasks.length < page.limit) {
      const limit = Math.min(limits.readerRowsMax, page.limit - tasks.length)
      const found: { readonly tasks: readonly string[]; readonly nextSeq: number | null } =
        await this.#thread.call('listFinished', { filter, throughSeq, beforeSeq, afterSeq, limit })
      for (const json of found.tasks) tasks.push(parse<Task>(json))
      beforeSeq = found.nextSeq
    }
    return tasks
  }

  async countTasks(filter: TaskFilter, throughSeq: number): Promise<number> {
    if (filter.status !== undefined && !finishedStatuses.has(filter.status)) return 0
    let count = 0
    let beforeSeq: number | null = Number.POSITIVE_INFINITY
    while (beforeSeq !== null) {
      const found: { readonly count: number; readonly nextSeq: number | null } = await this.#thread.call(
        'countFinished',
        { filter, throughSeq, beforeSeq },
      )
      count += found.count
      beforeSeq = found.nextSeq
    }
    return count
  }

  async configChanges(
    filter: ConfigFilter,
    page: { readonly beforeSeq: number; readonly limit: number },
  ): Promise<readonly ConfigChange[]> {
    const found = await this.#thread.call('configChanges', { filter, ...page })
    return found.map((json) => JSON.parse(json) as ConfigChange)
  }

  keyframe(seq: number, atMs: number, keptMs: number = limits.journalKeptMs): Promise<void> {
    return this.#write(() => this.#thread.call('keyframe', { seq, atMs, keptMs }))
  }

  newestKeyframeSeq(): Promise<number> {
    return this.#thread.call('newestKeyframeSeq', {})
  }

  writeSamples(rows: readonly SampleRow[]): Promise<void> {
    return this.#write(() => this.#thread.call('writeSamples', { rows }))
  }

  loadHistory(query: LoadQuery): Promise<readonly LoadPoint[]> {
    return this.#thread.call('loadHistory', query)
  }

  close(): Promise<void> {
    this.#isOpen = false
    return this.#thread.close()
  }

  #write(write: () => Promise<void>): Promise<void> {
    return whenThereIsSpace(this.#ballast, () => this.#isOpen, write)
  }

  /** Page by page, newest first, so that no page holds the thread for long. */
  async #loadAll(
    kind: Entity['kind'],
    final: 0 | 1,
    options: { readonly max?: number; readonly aboveSeq?: number } = {},
  ): Promise<readonly Entity[]> {
    const { max = Number.POSITIVE_INFINITY, aboveSeq = 0 } = options
    const entities: Entity[] = []
    const read = (beforeSeq: number, limit: number) =>
      this.#thread.call('loadPage', { kind, final, beforeSeq, aboveSeq, limit })
    let limit = Math.min(limits.readerRowsMax, max)
    let reading = limit === 0 ? null : read(Number.MAX_SAFE_INTEGER, limit)
    while (reading !== null) {
      const page: Awaited<typeof reading> = await reading
      const last = page.at(-1)
      const isOver = last === undefined || page.length < limit
      limit = Math.min(limits.readerRowsMax, max - entities.length - page.length)
      // The next page is read while this one is parsed.
      reading = isOver || limit === 0 ? null : read(last.seq, limit)
      for (const row of page) entities.push(parse(row.json))
    }
    return entities
  }
}
