import type { WorkCounts, Work as WorkEntity } from '../core/work/work.js'
import type { Batch, Work } from './work.js'

/** Refusals in a pushed copy. */
const pushedRefusals = 5

/** `pushed` cuts the examples, as WebSocket copies are. */
export function workView(work: WorkEntity, pushed = false): Work {
  const { job, counts } = work
  return {
    workId: work.workId,
    kind: job.kind,
    state: work.state,
    project: work.projectId,
    action: job.kind === 'acts' ? job.action : null,
    filter: job.kind === 'acts' ? { ...job.filter } : null,
    dryRun: job.kind === 'acts' && job.dryRun,
    atomic: job.kind === 'batch' && job.atomic,
    total: job.total,
    seen: work.seen,
    matched: counts.matched,
    done: counts.done,
    unchanged: counts.unchanged,
    refused: refusedOf(counts),
    refusedByCode: { ...counts.refused },
    refusals: (pushed ? work.refusals.slice(0, pushedRefusals) : work.refusals).map(
      ({ index, taskId, code, message }) => ({
        index,
        taskId,
        error: { code, message },
      }),
    ),
    detail: work.detail,
    createdAt: work.createdAtMs,
    finishedAt: work.finishedAtMs,
    seq: work.seq,
  }
}

/** Of a work item that is a batch. */
export function batchView(work: WorkEntity): Batch {
  const { job, counts } = work
  const atomic = job.kind === 'batch' && job.atomic
  return {
    batchId: work.workId,
    atomic,
    state: work.state,
    total: job.total,
    seen: work.seen,
    created: counts.done,
    existing: counts.unchanged,
    failedCount: refusedOf(counts),
    failed: work.refusals.map(({ index, code, message }) => ({
      index: index ?? 0,
      error: { code, message },
    })),
    items: atomic ? work.results.map(({ taskId, created }, index) => ({ index, taskId, created })) : null,
    detail: work.detail,
    createdAt: work.createdAtMs,
    finishedAt: work.finishedAtMs,
  }
}

const refusedOf = (counts: WorkCounts): number =>
  Object.values(counts.refused).reduce((sum, count) => sum + count, 0)
