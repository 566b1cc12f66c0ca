import type { Credential } from '../core/access/access.js'
import type { Alert } from '../core/alerts/alert.js'
import type { Cluster } from '../core/cluster/events.js'
import type { ConfigChange } from '../core/config/config-change.js'
import type { ConfigEvent, ConfigKind } from '../core/config/config-event.js'
import type { Node, Uplink } from '../core/nodes/node.js'
import type { Receipt } from '../core/receipts/receipt.js'
import type { Limit } from '../core/run-limits/limit.js'
import type { Schedule } from '../core/schedules/schedule.js'
import type { Task } from '../core/tasks/task.js'
import type { Template } from '../core/templates/template.js'
import type { Trigger } from '../core/triggers/trigger.js'
import type { Work } from '../core/work/work.js'

export type Entity =
  | Cluster
  | Task
  | Node
  | Uplink
  | Alert
  | Receipt
  | Credential
  | Schedule
  | Template
  | Trigger
  | Work
  | Limit

export interface EncodedEvent {
  readonly seq: number
  readonly atMs: number
  /** The event as JSON: one line. */
  readonly json: string
}

/** A turn's events. `firstSeq` is the head it follows + 1. */
export interface Group {
  readonly term: number
  readonly firstSeq: number
  readonly events: readonly EncodedEvent[]
}

export type AppendOutcome =
  | { readonly kind: 'committed'; readonly seq: number }
  /** The head row has another term or seq: someone else leads. */
  | { readonly kind: 'deposed' }
  /** No space: the same group may be appended again once there is some. */
  | { readonly kind: 'full' }

export interface Head {
  readonly clusterId: string
  readonly logId: string
  readonly term: number
  readonly lastSeq: number
}

/** The ordered, durable log. Every append compares and sets (term, lastSeq) in its own transaction. */
export interface Journal {
  /** Reads the head; creates clusterId and logId on first use. */
  head(): Promise<Head>
  /** Raises the term by compare-and-set and appends `group` under it in the same transaction. */
  takeOver(group: Group, previousTerm: number): Promise<AppendOutcome>
  /** Durable when it resolves `committed`. Rejects on any failure that is not an outcome; then the process must end. */
  append(group: Group): Promise<AppendOutcome>
  /** Events with seq > afterSeq, ascending, at most `limit`. */
  read(afterSeq: number, limit: number): Promise<readonly EncodedEvent[]>
  /** Oldest seq still kept (1 when nothing was deleted). */
  firstSeq(): Promise<number>
  /**
   * Deletes about `limits.retentionRowsPerStep` at most of the oldest events below `beforeSeq` that are over age (`atMs`
   * below `olderThanMs`, Unix ms) or stand in a log of more than `bytesMax`; true = more to do.
   */
  retain(options: {
    readonly beforeSeq: number
    readonly olderThanMs: number
    readonly bytesMax: number
  }): Promise<boolean>
  /** True from the first `full` until the disk has room again: new work is refused meanwhile. */
  readonly spaceLow: boolean
  readonly durability: {
    readonly mode: 'each-commit' | 'each-second' | 'none'
    readonly fsyncMs: number | null
  }
  close(): Promise<void>
}

export interface TaskFilter {
  readonly status?: string | undefined
  readonly phase?: string | undefined
  readonly tag?: string | undefined
  /** Master of the current run, or of the last one. */
  readonly workerId?: string | undefined
  readonly project?: string | undefined
  /** Substring of name or id, case-insensitive. */
  readonly text?: string | undefined
  /** Created at or after / before, Unix ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export interface ConfigFilter {
  readonly kind?: ConfigKind | undefined
  /** At or after / before, Unix ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** Derived tables behind the journal: lists, history, start-up. Rebuilt from the journal when lost. */
export interface Views {
  /** Highest seq that is projected; 0 on first use. */
  projectedSeq(): Promise<number>
  /**
   * Writes entity versions (one per entity, the newest) and moves projectedSeq from → to in one transaction.
   * Rejects when projectedSeq is not `fromSeq`.
   */
  project(batch: {
    readonly fromSeq: number
    readonly toSeq: number
    readonly entities: readonly Entity[]
    /** Changes of configuration in (fromSeq, toSeq], in order. Absent = none. */
    readonly configEvents?: readonly ConfigEvent[]
  }): Promise<void>
  /** What memory must hold at start: unfinished tasks, finished ones with seq above cluster.retiredThroughSeq (at most finishedMax, the newest), nodes, alerts, receipts, credentials, batches and bulk acts, cluster. */
  load(options: { readonly finishedMax: number }): Promise<readonly Entity[]>
  task(taskId: string): Promise<Task | null>
  /** Holder of an idempotency key among retired tasks. */
  taskByKey(clientId: string, key: string): Promise<Task | null>
  /**
   * (clientId, key) pairs of the tasks that are over, changed last at or before `throughSeq` (those that left memory) and
   * ended at or after `sinceMs` (Unix ms), oldest birth first, in pages.
   */
  retiredKeys(about: {
    readonly throughSeq: number
    readonly sinceMs: number
  }): AsyncIterable<readonly { readonly clientId: string; readonly key: string }[]>
  /**
   * Tasks that are over and changed last at or before `throughSeq` (those that left memory), newest first, born within
   * (afterSeq, beforeSeq) (both exclusive; Infinity = from the newest).
   */
  listTasks(
    filter: TaskFilter,
    page: {
      readonly throughSeq: number
      readonly beforeSeq: number
      readonly afterSeq: number
      readonly limit: number
    },
  ): Promise<readonly Task[]>
  /** How many tasks `listTasks` would give in all. */
  countTasks(filter: TaskFilter, throughSeq: number): Promise<number>
  /**
   * Changes of configuration, newest first, before `beforeSeq` (exclusive; Infinity = from the newest). The newest
   * limits.configChangesKept are kept.
   */
  configChanges(
    filter: ConfigFilter,
    page: { readonly beforeSeq: number; readonly limit: number },
  ): Promise<readonly ConfigChange[]>
  /**
   * Keeps every entity as it stands at projectedSeq, which must be `seq`. Durable when it resolves, so that the journal
   * below it may be deleted. Those older than `keptMs` (default limits.journalKeptMs) go, but for the newest of them.
   */
  keyframe(seq: number, atMs: number, keptMs?: number): Promise<void>
  /** 0 when there is none. */
  newestKeyframeSeq(): Promise<number>
  /** One row per node and `limits.sampleBucketMs` is kept, the newest, for `limits.samplesKeptMs`. */
  writeSamples(rows: readonly SampleRow[]): Promise<void>
  /** Steps with samples, oldest first; one without is left out. */
  loadHistory(query: LoadQuery): Promise<readonly LoadPoint[]>
  close(): Promise<void>
}

/** Load over a time: [fromMs, toMs) in steps; of one node, or of all together (null). */
export interface LoadQuery {
  readonly nodeId: string | null
  readonly fromMs: number
  readonly toMs: number
  /** A whole number of limits.sampleBucketMs. */
  readonly stepMs: number
}

/** Means over the samples of a step; `…Max` the highest single one; network: the sum of the nodes' means. */
export interface LoadPoint {
  /** Begin of the step. */
  readonly atMs: number
  readonly nodes: number
  readonly cpu: number
  readonly cpuMax: number
  readonly memory: number
  readonly memoryMax: number
  readonly disk: number
  readonly diskMax: number
  readonly rxBytesPerS: number
  readonly txBytesPerS: number
}

export interface SampleRow {
  readonly nodeId: string
  readonly atMs: number
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly rxBytesPerS: number
  readonly txBytesPerS: number
}
