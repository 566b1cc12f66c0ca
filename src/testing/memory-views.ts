import { type ConfigChange, configChange } from '../core/config/config-change.js'
import type { ConfigEvent } from '../core/config/config-event.js'
import { bornAt } from '../core/ids.js'
import type { JsonObject } from '../core/json.js'
import { limits } from '../core/limits.js'
import { isFinal } from '../core/receipts/receipt.js'
import { entityId } from '../core/state.js'
import { phaseOf, statusOf } from '../core/tasks/status.js'
import type { Task } from '../core/tasks/task.js'
import { termsOf } from '../core/tasks/terms.js'
import type {
  ConfigFilter,
  Entity,
  LoadPoint,
  LoadQuery,
  SampleRow,
  TaskFilter,
  Views,
} from '../ports/store.js'

interface Batch {
  readonly toSeq: number
  readonly entities: readonly Entity[]
  readonly configEvents: readonly ConfigEvent[]
}

/** What survives the process. A crash may lose the newest projections, never older ones than the last keyframe. */
export class ViewsDisk {
  /** Batches since the last keyframe; the tail of them may be lost. */
  readonly batches: Batch[] = []
  durableSeq = 0
  readonly durable = new Map<string, Entity>()
  readonly configEvents: ConfigEvent[] = []
  readonly keyframes: number[] = []

  get projectedSeq(): number {
    return this.batches.at(-1)?.toSeq ?? this.durableSeq
  }

  /** A power cut: the first `kept` projections since the last keyframe survive. */
  crash(kept: number): void {
    this.batches.length = Math.min(kept, this.batches.length)
  }

  settle(): void {
    for (const batch of this.batches) {
      for (const entity of batch.entities) this.durable.set(keyOf(entity), entity)
      this.configEvents.push(...batch.configEvents)
      this.durableSeq = batch.toSeq
    }
    this.batches.length = 0
  }

  allConfigEvents(): readonly ConfigEvent[] {
    return [...this.configEvents, ...this.batches.flatMap((batch) => batch.configEvents)]
  }

  entities(): Map<string, Entity> {
    const entities = new Map(this.durable)
    for (const batch of this.batches) for (const entity of batch.entities) entities.set(keyOf(entity), entity)
    return entities
  }
}

const keyOf = (entity: Entity): string => `${entity.kind}\n${entityId(entity)}`

/** Views on a ViewsDisk. */
export class MemoryViews implements Views {
  readonly samples: SampleRow[] = []
  readonly #disk: ViewsDisk
  #open = true

  constructor(disk: ViewsDisk) {
    this.#disk = disk
  }

  /** The process dies: nothing is written any more. */
  kill(): void {
    this.#open = false
  }

  async projectedSeq(): Promise<number> {
    return this.#disk.projectedSeq
  }

  async project(batch: Parameters<Views['project']>[0]): Promise<void> {
    if (!this.#open) return
    if (this.#disk.projectedSeq !== batch.fromSeq) {
      throw new Error(`the views are not projected through ${batch.fromSeq}`)
    }
    const { toSeq, entities, configEvents = [] } = batch
    this.#disk.batches.push({ toSeq, entities, configEvents })
  }

  async load(options: { readonly finishedMax: number }): Promise<readonly Entity[]> {
    const all = [...this.#disk.entities().values()].sort((a, b) => b.seq - a.seq)
    const cluster = all.find((entity) => entity.kind === 'cluster')
    const retiredThroughSeq = cluster?.kind === 'cluster' ? cluster.retiredThroughSeq : 0
    const newest = (kind: Entity['kind'], count: number): Entity[] =>
      all.filter((entity) => entity.kind === kind && isOver(entity)).slice(0, count)
    return [
      ...all.filter((entity) => !isOver(entity)),
      ...newest('alert', limits.alertsClearedKept),
      ...newest('receipt', limits.receiptsFinalKept),
      ...newest('work', limits.workFinishedKept),
      ...newest('task', options.finishedMax).filter((task) => task.seq > retiredThroughSeq),
    ]
  }

  async task(taskId: string): Promise<Task | null> {
    const entity = this.#disk.entities().get(`task\n${taskId}`)
    return entity?.kind === 'task' ? entity : null
  }

  async taskByKey(clientId: string, key: string): Promise<Task | null> {
    const holders = this.#finished().filter(
      (task) => task.spec.idempotencyKey === key && task.clientId === clientId,
    )
    return holders[0] ?? null
  }

  async *retiredKeys(about: {
    throughSeq: number
    sinceMs: number
  }): AsyncGenerator<readonly { clientId: string; key: string }[]> {
    yield this.#finished().flatMap((task) => {
      const key = task.spec.idempotencyKey
      if (key === null || task.state.phase !== 'final') return []
      const kept = task.state.completedAtMs >= about.sinceMs && task.seq <= about.throughSeq
      return kept ? [{ clientId: task.clientId, key }] : []
    })
  }

  async listTasks(
    filter: TaskFilter,
    page: { throughSeq: number; beforeSeq: number; afterSeq: number; limit: number },
  ): Promise<readonly Task[]> {
    return this.#finished()
      .filter((task) => task.seq <= page.throughSeq && matches(task, filter))
      .filter(({ taskId }) => bornAt(taskId) < page.beforeSeq && bornAt(taskId) > page.afterSeq)
      .slice(0, page.limit)
  }

  async countTasks(filter: TaskFilter, throughSeq: number): Promise<number> {
    const all = { throughSeq, beforeSeq: Number.POSITIVE_INFINITY, afterSeq: 0 }
    return (await this.listTasks(filter, { ...all, limit: Number.POSITIVE_INFINITY })).length
  }

  async configChanges(
    { kind, fromMs = 0, toMs = Number.POSITIVE_INFINITY }: ConfigFilter,
    page: { readonly beforeSeq: number; readonly limit: number },
  ): Promise<readonly ConfigChange[]> {
    const known = new Map<string, JsonObject | null>()
    const changes = this.#disk.allConfigEvents().map((event) => {
      const key = `${event.kind} ${event.id}`
      const { after, change } = configChange(known.get(key) ?? null, event)
      known.set(key, after)
      return change
    })
    return changes
      .filter((change) => (kind === undefined || change.kind === kind) && change.seq < page.beforeSeq)
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .reverse()
      .slice(0, page.limit)
  }

  async keyframe(seq: number): Promise<void> {
    if (seq !== this.#disk.projectedSeq) throw new Error(`a keyframe at ${seq} is not at the projected seq`)
    this.#disk.settle()
    this.#disk.keyframes.push(seq)
  }

  async newestKeyframeSeq(): Promise<number> {
    return this.#disk.keyframes.at(-1) ?? 0
  }

  async writeSamples(rows: readonly SampleRow[]): Promise<void> {
    this.samples.push(...rows)
  }

  async loadHistory({ nodeId, fromMs, toMs, stepMs }: LoadQuery): Promise<readonly LoadPoint[]> {
    const newest = new Map<string, SampleRow>()
    for (const row of this.samples) {
      const key = `${Math.floor(row.atMs / limits.sampleBucketMs)} ${row.nodeId}`
      if (row.atMs >= (newest.get(key)?.atMs ?? 0)) newest.set(key, row)
    }
    const steps = new Map<number, SampleRow[]>()
    for (const row of newest.values()) {
      const bucketMs = Math.floor(row.atMs / limits.sampleBucketMs) * limits.sampleBucketMs
      if (bucketMs < fromMs || bucketMs >= toMs || (nodeId !== null && row.nodeId !== nodeId)) continue
      const atMs = fromMs + Math.floor((bucketMs - fromMs) / stepMs) * stepMs
      steps.set(atMs, [...(steps.get(atMs) ?? []), row])
    }
    return [...steps].sort(([a], [b]) => a - b).map(([atMs, rows]) => loadPoint(atMs, rows))
  }

  async close(): Promise<void> {
    this.kill()
  }

  /** Newest born first. */
  #finished(): Task[] {
    return [...this.#disk.entities().values()]
      .filter((entity) => entity.kind === 'task')
      .filter((task) => task.state.phase === 'final')
      .sort((a, b) => bornAt(b.taskId) - bornAt(a.taskId))
  }
}

function matches(task: Task, filter: TaskFilter): boolean {
  const { status, phase, tag, workerId, project, text, fromMs, toMs } = filter
  if (status !== undefined && statusOf(task) !== status) return false
  if (phase !== undefined && phaseOf(task) !== phase) return false
  if (tag !== undefined && !termsOf(task.spec).tags.includes(tag)) return false
  if (workerId !== undefined && task.past.at(-1)?.nodeId !== workerId) return false
  if (project !== undefined && task.projectId !== project) return false
  if (fromMs !== undefined && task.createdAtMs < fromMs) return false
  if (toMs !== undefined && task.createdAtMs >= toMs) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return task.spec.name.toLowerCase().includes(wanted) || task.taskId.includes(wanted)
}

function isOver(entity: Entity): boolean {
  switch (entity.kind) {
    case 'task':
      return entity.state.phase === 'final'
    case 'receipt':
      return isFinal(entity)
    case 'alert':
      return entity.state === 'cleared'
    case 'credential':
      return entity.revoked
    case 'work':
      return entity.state !== 'running'
    case 'limit':
      return entity.removed
    case 'schedule':
    case 'template':
    case 'trigger':
      return entity.deleted
    case 'cluster':
    case 'node':
    case 'uplink':
      return false
  }
}

function loadPoint(atMs: number, rows: readonly SampleRow[]): LoadPoint {
  const nodes = new Set(rows.map((row) => row.nodeId)).size
  const mean = (pick: (row: SampleRow) => number) =>
    rows.reduce((sum, row) => sum + pick(row), 0) / rows.length
  const most = (pick: (row: SampleRow) => number) => Math.max(...rows.map(pick))
  return {
    atMs,
    nodes,
    cpu: mean((row) => row.cpu),
    cpuMax: most((row) => row.cpu),
    memory: mean((row) => row.memory),
    memoryMax: most((row) => row.memory),
    disk: mean((row) => row.disk),
    diskMax: most((row) => row.disk),
    rxBytesPerS: mean((row) => row.rxBytesPerS) * nodes,
    txBytesPerS: mean((row) => row.txBytesPerS) * nodes,
  }
}
