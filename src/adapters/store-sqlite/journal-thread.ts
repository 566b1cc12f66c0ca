import type { Database } from 'better-sqlite3'
import type { EncodedEvent } from '../../ports/store.js'
import { openDatabase, queries } from './connection.js'
import type { JournalTables } from './journal-schema.js'

export interface CheckpointResult {
  /** Pages in the WAL, copied ones included. */
  readonly walPages: number
}

/** What the journal's thread does: reads and checkpoints, so that neither stands before a commit. */
export interface JournalCalls {
  /** At most limits.readerRowsMax events; the transaction ends with the page. */
  read(args: { readonly afterSeq: number; readonly limit: number }): Promise<readonly EncodedEvent[]>
  /** Copies what it can without waiting for anyone. */
  checkpoint(args: Record<string, never>): CheckpointResult
  close(): void
}

export function openJournalThread(path: string): JournalCalls {
  const db: Database = openDatabase(path, 'full')
  db.pragma('wal_autocheckpoint = 0')
  const sql = queries<JournalTables>(db)
  return {
    async read({ afterSeq, limit }) {
      const rows = await sql
        .selectFrom('events')
        .select(['seq', 'at_ms', 'bytes'])
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ seq: row.seq, atMs: row.at_ms, bytes: row.bytes }))
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
