import type { ErrorCode } from '../errors.js'
import type { ProjectId, Seq, TaskId, WorkId } from '../ids.js'
import type { ReceiptAction } from '../receipts/receipt.js'
import type { WorkFilter } from './filter.js'

/** Tasks to make from items that were stored before. */
export interface BatchJob {
  readonly kind: 'batch'
  /** All of it was made in the turn that took it, or nothing. */
  readonly atomic: boolean
  /** Where the items lie until the work is over; null when they came with the command. */
  readonly bodyId: string | null
  /** Items. */
  readonly total: number
  /** Equal items without a key are one task. Absent: each is its own. */
  readonly merges?: true
}

/** `requeue`: a retry of those that are dead letters. */
export type WorkAction = ReceiptAction | 'requeue'

/** One act on every task that matches. */
export interface ActsJob {
  readonly kind: 'acts'
  readonly action: WorkAction
  readonly filter: WorkFilter
  /** Counts what it would do and does nothing. */
  readonly dryRun: boolean
  /** Tasks born after this seq are not looked at. */
  readonly horizonSeq: Seq
  /** Tasks in memory when it began: what it has to look at. */
  readonly total: number
}

export type WorkJob = BatchJob | ActsJob

/** Counters of what is done; every one only grows. */
export interface WorkCounts {
  /** Items, or tasks that matched. */
  readonly matched: number
  /** Tasks made, or acts that were begun. */
  readonly done: number
  /** Items whose key was known, or tasks that were as wanted already. */
  readonly unchanged: number
  /** Items or acts that were refused, by code. */
  readonly refused: Readonly<Partial<Record<ErrorCode, number>>>
}

/** A refusal that is kept as an example: the first limits.workExamplesKept of a work item. */
export interface WorkRefusal {
  /** Position in the batch; null for an act. */
  readonly index: number | null
  readonly taskId: TaskId | null
  readonly code: ErrorCode
  readonly message: string
}

/** What an item of an atomic batch became. */
export interface BatchItemResult {
  readonly taskId: TaskId
  readonly created: boolean
}

export type WorkState = 'running' | 'done' | 'cancelled' | 'failed'

/**
 * A large job that the leader does step by step over many turns. Each step folds its cursor in the group that holds
 * what it did, so a leader that takes over goes on where the log ends: nothing is lost and nothing is done twice.
 */
export interface Work {
  readonly kind: 'work'
  readonly workId: WorkId
  readonly projectId: ProjectId | null
  /** Who asked; what it makes is theirs. */
  readonly clientId: string
  readonly traceId: string
  readonly idempotencyKey: string | null
  /** Hash of what was asked, to tell a repeat from a conflict. */
  readonly bodyHash: string
  readonly job: WorkJob
  readonly state: WorkState
  /** Batch: items before it are decided. Acts: tasks born up to this seq are decided. */
  readonly cursor: number
  /** Items decided, or tasks looked at; of job.total. */
  readonly seen: number
  readonly counts: WorkCounts
  readonly refusals: readonly WorkRefusal[]
  /** Of an atomic batch, in order. */
  readonly results: readonly BatchItemResult[]
  /** Why it failed. */
  readonly detail: string | null
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
  /** Seq of its last change. */
  readonly seq: Seq
}

export const noCounts: WorkCounts = { matched: 0, done: 0, unchanged: 0, refused: {} }
