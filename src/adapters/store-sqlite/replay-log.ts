import type { Database } from 'better-sqlite3'
import type { LogEvent } from '../../core/event.js'
import { limits } from '../../core/limits.js'
import { type Chunk, eventsOf } from './journal-chunks.js'

/** Rows of the journal that one statement reads. */
const chunksPerRead = 64

/** The journal as a replay reads it: by time and forwards. */
export interface ReplayLog {
  /** Last seq at or before an instant, none above `headSeq`; 0 = there is none. */
  seqAt(atMs: number, headSeq: number): number
  /** Time of the first event that is kept and its seq; null = the log is empty. */
  first(): { readonly seq: number; readonly atMs: number } | null
  /** Time of an event; null = it is not kept. */
  timeOf(seq: number): number | null
  /** Rows with events in (afterSeq, toSeq], in reads of a few rows, so that no reader stands before a checkpoint for long. */
  chunks(afterSeq: number, toSeq: number): Generator<Chunk>
}

export function replayLog(db: Database): ReplayLog {
  const next = db.prepare<[number], { lastSeq: number; firstSeq: number; atMs: number }>(
    `SELECT last_seq AS lastSeq, first_seq AS firstSeq, at_ms AS atMs
     FROM chunks WHERE last_seq >= ? ORDER BY last_seq LIMIT 1`,
  )
  const read = db.prepare<[number, number, number], Chunk>(
    `SELECT last_seq AS lastSeq, first_seq AS firstSeq, at_ms AS atMs, lines
     FROM chunks WHERE last_seq > ? AND first_seq <= ? ORDER BY last_seq LIMIT ?`,
  )
  return {
    // Times never fall along the log, so that a few looks find an instant without an index by time.
    seqAt(atMs, headSeq) {
      let [low, high] = [next.get(0)?.firstSeq ?? headSeq + 1, headSeq]
      let found = 0
      while (low <= high) {
        const chunk = next.get((low + high) >> 1)
        if (chunk === undefined || chunk.atMs > atMs) {
          high = Math.min((low + high) >> 1, chunk?.firstSeq ?? headSeq + 1) - 1
          continue
        }
        found = Math.min(chunk.lastSeq, headSeq)
        low = chunk.lastSeq + 1
      }
      return found
    },
    first() {
      const chunk = next.get(0)
      return chunk === undefined ? null : { seq: chunk.firstSeq, atMs: chunk.atMs }
    },
    timeOf: (seq) => {
      const chunk = next.get(seq)
      return chunk === undefined || chunk.firstSeq > seq ? null : chunk.atMs
    },
    *chunks(afterSeq, toSeq) {
      let seq = afterSeq
      while (seq < toSeq) {
        const rows = read.all(seq, toSeq, chunksPerRead)
        yield* rows
        if (rows.length < chunksPerRead) return
        seq = rows.at(-1)?.lastSeq ?? toSeq
      }
    },
  }
}

/** Events of (afterSeq, toSeq], parsed only when `wants` takes their text. */
export function* eventsBetween(
  log: ReplayLog,
  { afterSeq, toSeq }: { readonly afterSeq: number; readonly toSeq: number },
  wants: (json: string) => boolean = () => true,
): Generator<{ readonly event: LogEvent; readonly json: string }> {
  for (const chunk of log.chunks(afterSeq, toSeq)) {
    for (const { seq, json } of eventsOf(chunk)) {
      if (seq > afterSeq && seq <= toSeq && wants(json)) yield { event: JSON.parse(json) as LogEvent, json }
    }
  }
}

/** Where a page that begins after `afterSeq` ends: it looks at so many events at most. */
export const lookEnd = (afterSeq: number, headSeq: number): number =>
  Math.min(headSeq, afterSeq + limits.replayLookMax)
