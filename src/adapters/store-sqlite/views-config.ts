import type { Database } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { configChange } from '../../core/config/config-change.js'
import type { ConfigEvent } from '../../core/config/config-event.js'
import type { JsonObject } from '../../core/json.js'
import { limits } from '../../core/limits.js'
import type { ConfigFilter } from '../../ports/store.js'
import type { ViewsTables } from './views-schema.js'

/** Writes changes of configuration, in order, each with what was before; within the projector's transaction. */
export function configWriter(db: Database): (events: readonly ConfigEvent[]) => void {
  const stateOf = db
    .prepare<[string, string], string>('SELECT json FROM config_states WHERE kind = ? AND id = ?')
    .pluck()
  const keepState = db.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO config_states (kind, id, json) VALUES (?, ?, ?)',
  )
  const dropState = db.prepare<[string, string]>('DELETE FROM config_states WHERE kind = ? AND id = ?')
  const keepChange = db.prepare<[number, number, string, string]>(
    'INSERT OR REPLACE INTO config_changes (seq, at_ms, kind, json) VALUES (?, ?, ?, ?)',
  )
  const dropOldest = db.prepare<[number]>(
    `DELETE FROM config_changes WHERE seq <= (SELECT seq FROM config_changes ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  )
  return (events) => {
    for (const event of events) {
      const { kind, id, seq, atMs } = event
      const known = stateOf.get(kind, id)
      const before = known === undefined ? null : (JSON.parse(known) as JsonObject)
      const { after, change } = configChange(before, event)
      if (after === null) dropState.run(kind, id)
      else keepState.run(kind, id, JSON.stringify(after))
      keepChange.run(seq, atMs, kind, JSON.stringify(change))
    }
    if (events.length > 0) dropOldest.run(limits.configChangesKept)
  }
}

export interface ConfigArgs {
  readonly filter: ConfigFilter
  /** Exclusive. */
  readonly beforeSeq: number
  readonly limit: number
}

/** JSON of each, newest first. */
export async function configChanges(
  sql: Kysely<ViewsTables>,
  { filter, beforeSeq, limit }: ConfigArgs,
): Promise<readonly string[]> {
  const { kind, fromMs, toMs } = filter
  let query = sql
    .selectFrom('config_changes')
    .select('json')
    .where('seq', '<', Math.min(beforeSeq, Number.MAX_SAFE_INTEGER))
    .orderBy('seq', 'desc')
    .limit(Math.min(limit, limits.readerRowsMax))
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
  if (toMs !== undefined) query = query.where('at_ms', '<', toMs)
  const rows = await query.execute()
  return rows.map(({ json }) => json)
}
