import type { Database } from 'better-sqlite3'
import { Kysely, type Migration, Migrator, SqliteDialect } from 'kysely'

/** Query builder over an open connection. Never destroyed: the connection is closed by its owner. */
export const queries = <Tables>(db: Database): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new SqliteDialect({ database: db }) })

/** Runs what is missing. Each migration may be run again after a crash in its middle, so it creates `ifNotExists`. */
export async function migrate<Tables>(
  sql: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({ db: sql, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
