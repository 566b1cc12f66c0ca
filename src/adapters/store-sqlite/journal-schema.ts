import type { Database } from 'better-sqlite3'
import { type Kysely, type Migration, sql } from 'kysely'
import { ControlError } from '../../core/errors.js'

/** Layout of the three files, and the newest event types that this version can read. */
export const supported = { format: 1, featureLevel: 1 } as const

export interface JournalTables {
  /** One row. */
  meta: { one: 1; cluster_id: string; log_id: string; format: number; feature_level: number }
  /** One row: what every append compares and sets. */
  head: { one: 1; term: number; last_seq: number }
  /** Events first_seq to last_seq, all of at_ms, a line of JSON each. */
  chunks: { last_seq: number; first_seq: number; at_ms: number; lines: string }
}

/** Refuses a file that a newer version wrote, before anything in it is touched. */
export function refuseNewer(db: Database, path: string): void {
  const known = db.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'meta'`).pluck().get()
  if (known === 0) return
  const meta = db.prepare<[], { format: number; feature_level: number }>('SELECT * FROM meta').get()
  if (meta === undefined) return
  if (meta.format <= supported.format && meta.feature_level <= supported.featureLevel) return
  throw new ControlError(
    'unprocessable',
    `${path} was written by a newer AgentFlow (format ${meta.format}, feature level ${meta.feature_level}; this version ` +
      `reads up to ${supported.format} and ${supported.featureLevel}); start that version or restore an older backup.`,
  )
}

export const journalMigrations: Readonly<Record<string, Migration>> = {
  '0001-journal': {
    async up(db: Kysely<JournalTables>) {
      await db.schema
        .createTable('meta')
        .ifNotExists()
        .addColumn('one', 'integer', (column) => column.primaryKey().check(sql`one = 1`))
        .addColumn('cluster_id', 'text', (column) => column.notNull())
        .addColumn('log_id', 'text', (column) => column.notNull())
        .addColumn('format', 'integer', (column) => column.notNull())
        .addColumn('feature_level', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('head')
        .ifNotExists()
        .addColumn('one', 'integer', (column) => column.primaryKey().check(sql`one = 1`))
        .addColumn('term', 'integer', (column) => column.notNull())
        .addColumn('last_seq', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('chunks')
        .ifNotExists()
        .addColumn('last_seq', 'integer', (column) => column.primaryKey())
        .addColumn('first_seq', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'integer', (column) => column.notNull())
        .addColumn('lines', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
