import type { LogEvent } from '../event.js'
import { asWorkId, projectIdOf } from '../ids.js'
import { noCounts, type Work, type WorkCounts } from './work.js'

export function evolveWork(work: Work | undefined, event: LogEvent): Work | undefined {
  switch (event.type) {
    case 'WorkStarted':
      return {
        kind: 'work',
        workId: asWorkId(event.entity.id),
        projectId: event.projectId === null ? null : projectIdOf(event.projectId),
        clientId: event.body.clientId,
        traceId: event.traceId,
        idempotencyKey: event.body.idempotencyKey,
        bodyHash: event.body.bodyHash,
        job: event.body.job,
        state: 'running',
        cursor: 0,
        seen: 0,
        counts: noCounts,
        refusals: [],
        results: [],
        detail: null,
        createdAtMs: event.atMs,
        finishedAtMs: null,
        seq: event.seq,
      }
    case 'WorkAdvanced': {
      if (work?.state !== 'running') return work
      const { cursor, seen, counts, refusals, results } = event.body
      return {
        ...work,
        cursor,
        seen: work.seen + seen,
        counts: sum(work.counts, counts),
        refusals: refusals.length === 0 ? work.refusals : [...work.refusals, ...refusals],
        results: results === undefined ? work.results : [...work.results, ...results],
        seq: event.seq,
      }
    }
    case 'WorkFinished': {
      if (work?.state !== 'running') return work
      const { state, detail } = event.body
      return { ...work, state, detail, finishedAtMs: event.atMs, seq: event.seq }
    }
    default:
      return work
  }
}

function sum(before: WorkCounts, more: WorkCounts): WorkCounts {
  const refused: Record<string, number> = { ...before.refused }
  for (const [code, count] of Object.entries(more.refused)) refused[code] = (refused[code] ?? 0) + count
  return {
    matched: before.matched + more.matched,
    done: before.done + more.done,
    unchanged: before.unchanged + more.unchanged,
    refused,
  }
}
