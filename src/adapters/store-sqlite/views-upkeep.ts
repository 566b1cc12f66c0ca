import type { Database } from 'better-sqlite3'
import { type Kysely, sql as raw } from 'kysely'
import { limits } from '../../core/limits.js'
import type { Entity, SampleRow } from '../../ports/store.js'
import { openUntilSeq, type ViewsTables } from './views-schema.js'

const kinds: readonly Entity['kind'][] = [
  'cluster',
  'task',
  'node',
  'uplink',
  'alert',
  'receipt',
  'credential',
  'work',
  'limit',
  'schedule',
  'template',
  'trigger',
]

/** What is over of these kinds is kept up to a count, as in memory; tasks stay as history. */
const finalKept: readonly (readonly [Entity['kind'], number])[] = [
  ['receipt', limits.receiptsFinalKept],
  ['alert', limits.alertsClearedKept],
  ['credential', 0],
  ['work', limits.workFinishedKept],
  ['limit', 0],
  ['schedule', 0],
  ['template', 0],
  ['trigger', 0],
]

export interface KeyframeArgs {
  readonly seq: number
  readonly atMs: number
  readonly keptMs: number
}

/** Copies what changed since the last keyframe, drops keyframes over age, and makes all of it durable. */
export async function keyframe(
  db: Database,
  sql: Kysely<ViewsTables>,
  { seq, atMs, keptMs }: KeyframeArgs,
): Promise<void> {
  await sql.transaction().execute(async (within) => {
    const lastSeq = await newestKeyframeSeq(within)
    if (lastSeq < seq) await copyChanged(within, lastSeq, seq, atMs)
    await dropOldKeyframes(within, atMs - keptMs)
    for (const [kind, kept] of finalKept) await dropOldFinals(within, kind, kept)
  })
  db.pragma('wal_checkpoint(TRUNCATE)')
}

export async function newestKeyframeSeq(sql: Kysely<ViewsTables>): Promise<number> {
  const newest = await sql
    .selectFrom('keyframes')
    .select((row) => row.fn.max('seq').as('seq'))
    .executeTakeFirst()
  return newest?.seq ?? 0
}

async function copyChanged(
  sql: Kysely<ViewsTables>,
  lastSeq: number,
  seq: number,
  atMs: number,
): Promise<void> {
  await sql.insertInto('keyframes').values({ seq, at_ms: atMs }).execute()
  for (const kind of kinds) {
    for (const final of [0, 1] as const) {
      await endOlder(sql, { kind, final, lastSeq, seq })
      await sql
        .insertInto('keyframe_rows')
        .columns(['kind', 'id', 'seq', 'until_seq', 'final', 'json'])
        .expression((from) =>
          from
            .selectFrom('entities')
            .select((row) => ['kind', 'id', 'seq', row.val(openUntilSeq).as('until_seq'), 'final', 'json'])
            .where('kind', '=', kind)
            .where('final', '=', final)
            .where('seq', '>', lastSeq),
        )
        .execute()
    }
  }
}

/** Versions that stood at the keyframe before, of what changed since. The join begins with the few that changed. */
async function endOlder(
  sql: Kysely<ViewsTables>,
  { kind, final, lastSeq, seq }: { kind: string; final: 0 | 1; lastSeq: number; seq: number },
): Promise<void> {
  if (lastSeq === 0) return
  await raw`
    UPDATE keyframe_rows SET until_seq = ${seq} WHERE rowid IN (
      SELECT older.rowid FROM entities CROSS JOIN keyframe_rows AS older
      WHERE entities.kind = ${kind} AND entities.final = ${final} AND entities.seq > ${lastSeq}
        AND older.kind = entities.kind AND older.id = entities.id AND older.until_seq = ${openUntilSeq}
    )`.execute(sql)
}

/** The newest keyframe over age stays: what is younger builds on it. */
async function dropOldKeyframes(sql: Kysely<ViewsTables>, olderThanMs: number): Promise<void> {
  const base = await sql
    .selectFrom('keyframes')
    .select((row) => row.fn.max('seq').as('seq'))
    .where('at_ms', '<', olderThanMs)
    .executeTakeFirst()
  if (base?.seq == null) return
  const { seq } = base
  const dropped = await sql.deleteFrom('keyframes').where('seq', '<', seq).executeTakeFirst()
  if (dropped.numDeletedRows === 0n) return
  for (const kind of kinds) {
    for (const final of [0, 1] as const) {
      await sql
        .deleteFrom('keyframe_rows')
        .where('kind', '=', kind)
        .where('final', '=', final)
        .where('until_seq', '<=', seq)
        .execute()
    }
  }
}

async function dropOldFinals(sql: Kysely<ViewsTables>, kind: Entity['kind'], kept: number): Promise<void> {
  const newestDropped = await sql
    .selectFrom('entities')
    .select('seq')
    .where('kind', '=', kind)
    .where('final', '=', 1)
    .orderBy('seq', 'desc')
    .offset(kept)
    .limit(1)
    .executeTakeFirst()
  if (newestDropped === undefined) return
  await sql
    .deleteFrom('entities')
    .where('kind', '=', kind)
    .where('final', '=', 1)
    .where('seq', '<=', newestDropped.seq)
    .execute()
}

/** One row per node and bucket, the newest `at` wins; rows over age go. */
export async function writeSamples(sql: Kysely<ViewsTables>, rows: readonly SampleRow[]): Promise<void> {
  const newestMs = Math.max(...rows.map((row) => row.atMs))
  if (rows.length === 0) return
  await sql.transaction().execute(async (within) => {
    for (const row of rows) {
      await within
        .insertInto('samples')
        .values({
          bucket_ms: Math.floor(row.atMs / limits.sampleBucketMs) * limits.sampleBucketMs,
          node_id: row.nodeId,
          at_ms: row.atMs,
          cpu: row.cpu,
          memory: row.memory,
          disk: row.disk,
          rx_bytes_per_s: row.rxBytesPerS,
          tx_bytes_per_s: row.txBytesPerS,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['bucket_ms', 'node_id'])
            .doUpdateSet((kept) => ({
              at_ms: kept.ref('excluded.at_ms'),
              cpu: kept.ref('excluded.cpu'),
              memory: kept.ref('excluded.memory'),
              disk: kept.ref('excluded.disk'),
              rx_bytes_per_s: kept.ref('excluded.rx_bytes_per_s'),
              tx_bytes_per_s: kept.ref('excluded.tx_bytes_per_s'),
            }))
            .whereRef('excluded.at_ms', '>=', 'samples.at_ms'),
        )
        .execute()
    }
    await within
      .deleteFrom('samples')
      .where('bucket_ms', '<', newestMs - limits.samplesKeptMs)
      .execute()
  })
}
