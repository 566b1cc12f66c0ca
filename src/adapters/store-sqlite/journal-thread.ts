import type { EncodedEvent } from '../../ports/store.js'
import { type Chunk, eventsOf } from './journal-chunks.js'
import { openDatabase } from './open-database.js'

export interface CheckpointResult {
  /** Pages in the WAL, copied ones included. */
  readonly walPages: number
}

/** What the journal's thread does: reads and checkpoints, so that neither stands before a commit. */
export interface JournalCalls {
  /** At most limits.readerRowsMax events; the transaction ends with the page. */
  read(args: { readonly afterSeq: number; readonly limit: number }): readonly EncodedEvent[]
  /** Copies what it can without waiting for anyone. */
  checkpoint(args: Record<string, never>): CheckpointResult
  close(): void
}

/** Plain statements, like the appends: a leader that starts waits for these reads. */
export function openJournalThread(path: string): JournalCalls {
  const db = openDatabase(path, 'full')
  db.pragma('wal_autocheckpoint = 0')
  const chunks = db.prepare<[number], Chunk>(
    `SELECT last_seq AS lastSeq, first_seq AS firstSeq, at_ms AS atMs, lines
     FROM chunks WHERE last_seq > ? ORDER BY last_seq`,
  )
  return {
    read({ afterSeq, limit }) {
      const page: EncodedEvent[] = []
      for (const chunk of chunks.iterate(afterSeq)) {
        for (const event of eventsOf(chunk)) {
          if (event.seq <= afterSeq) continue
          if (page.length === limit) return page
          page.push(event)
        }
      }
      return page
    },
    checkpoint() {
      const [result] = db.pragma('wal_checkpoint(PASSIVE)') as { log: number }[]
      return { walPages: result?.log ?? 0 }
    },
    close() {
      db.close()
    },
  }
}
