import { rmSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { Entity, LoadPoint, LoadQuery, SampleRow } from '../../ports/store.js'
import { loadHistory } from './load-history.js'
import { openDatabase } from './open-database.js'
import { migrate, queries } from './queries.js'
import { type ConfigArgs, configChanges } from './views-config.js'
import {
  type CountArgs,
  countFinished,
  type KeyArgs,
  type KeyPage,
  type ListArgs,
  type ListPage,
  listFinished,
  retiredKeys,
} from './views-lists.js'
import { type ProjectArgs, type ProjectPartArgs, projection } from './views-project.js'
import { type ViewsTables, viewsMigrations } from './views-schema.js'
import { type KeyframeArgs, keyframe, newestKeyframeSeq, writeSamples } from './views-upkeep.js'

export interface LoadPageArgs {
  readonly kind: Entity['kind']
  readonly final: 0 | 1
  /** Exclusive; rows come newest first. */
  readonly beforeSeq: number
  /** Exclusive. */
  readonly aboveSeq: number
  readonly limit: number
}

/** What the views' thread does. JSON goes over as text: the caller parses it once. */
export interface ViewsCalls {
  projectedSeq(args: Record<string, never>): Promise<number>
  projectPart(args: ProjectPartArgs): void
  project(args: ProjectArgs): void
  loadPage(args: LoadPageArgs): Promise<readonly { readonly seq: number; readonly json: string }[]>
  entity(args: { readonly kind: Entity['kind']; readonly id: string }): Promise<string | null>
  taskByKey(args: { readonly clientId: string; readonly key: string }): Promise<string | null>
  retiredKeys(args: KeyArgs): Promise<KeyPage>
  listFinished(args: ListArgs): Promise<ListPage>
  countFinished(args: CountArgs): Promise<{ readonly count: number; readonly nextSeq: number | null }>
  configChanges(args: ConfigArgs): Promise<readonly string[]>
  keyframe(args: KeyframeArgs): Promise<void>
  newestKeyframeSeq(args: Record<string, never>): Promise<number>
  writeSamples(args: { readonly rows: readonly SampleRow[] }): Promise<void>
  loadHistory(args: LoadQuery): Promise<readonly LoadPoint[]>
  close(): void
}

/**
 * Opens views.db. A file that follows another log, or runs ahead of this one, is thrown away: it is rebuilt from the
 * journal.
 */
export async function openViewsThread(options: {
  readonly path: string
  readonly logId: string
  readonly lastSeq: number
}): Promise<ViewsCalls> {
  const opened = await openViews(options.path, options.logId)
  if (opened.logId === options.logId && opened.projectedSeq <= options.lastSeq) return viewsCalls(opened.db)
  opened.db.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(options.path + suffix, { force: true })
  return viewsCalls((await openViews(options.path, options.logId)).db)
}

async function openViews(
  path: string,
  logId: string,
): Promise<{ db: Database; logId: string; projectedSeq: number }> {
  const db = openDatabase(path, 'normal')
  try {
    const sql = queries<ViewsTables>(db)
    await migrate(sql, viewsMigrations)
    await sql
      .insertInto('progress')
      .values({ one: 1, log_id: logId, projected_seq: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const progress = await sql.selectFrom('progress').selectAll().executeTakeFirstOrThrow()
    return { db, logId: progress.log_id, projectedSeq: progress.projected_seq }
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

function viewsCalls(db: Database): ViewsCalls {
  const sql = queries<ViewsTables>(db)
  const batches = projection(db)
  return {
    projectedSeq: () => projectedSeq(sql),
    projectPart: (args) => batches.addPart(args),
    project: (args) => batches.write(args),
    loadPage: ({ kind, final, beforeSeq, aboveSeq, limit }) =>
      sql
        .selectFrom('entities')
        .select(['seq', 'json'])
        .where('kind', '=', kind)
        .where('final', '=', final)
        .where('seq', '<', beforeSeq)
        .where('seq', '>', aboveSeq)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute(),
    entity: ({ kind, id }) => entityJson(sql, kind, id),
    async taskByKey({ clientId, key }) {
      const found = await sql
        .selectFrom('finished_tasks')
        .select('task_id')
        .where('idempotency_key', '=', key)
        .where('client_id', '=', clientId)
        .orderBy('born_seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return found === undefined ? null : entityJson(sql, 'task', found.task_id)
    },
    retiredKeys: (args) => retiredKeys(sql, args),
    listFinished: (args) => listFinished(sql, args),
    countFinished: (args) => countFinished(sql, args),
    configChanges: (args) => configChanges(sql, args),
    keyframe: async (args) => {
      const { seq } = args
      if (seq !== (await projectedSeq(sql)))
        throw new Error(`a keyframe at ${seq} is not at the projected seq`)
      await keyframe(db, sql, args)
    },
    newestKeyframeSeq: () => newestKeyframeSeq(sql),
    writeSamples: ({ rows }) => writeSamples(sql, rows),
    loadHistory: (query) => loadHistory(sql, query),
    close: () => {
      db.close()
    },
  }
}

async function projectedSeq(sql: Kysely<ViewsTables>): Promise<number> {
  return (await sql.selectFrom('progress').select('projected_seq').executeTakeFirstOrThrow()).projected_seq
}

async function entityJson(
  sql: Kysely<ViewsTables>,
  kind: Entity['kind'],
  id: string,
): Promise<string | null> {
  const row = await sql
    .selectFrom('entities')
    .select('json')
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.json ?? null
}
