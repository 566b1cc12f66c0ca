import { type Kysely, sql as raw } from 'kysely'
import type { LoadPoint, LoadQuery } from '../../ports/store.js'
import type { ViewsTables } from './views-schema.js'

/** One pass over the samples of the time, which the primary key gives in order; at most limits.loadPointsMax groups. */
export async function loadHistory(
  sql: Kysely<ViewsTables>,
  { nodeId, fromMs, toMs, stepMs }: LoadQuery,
): Promise<readonly LoadPoint[]> {
  // Numbers are bound as floating point, so the division must be made whole.
  const step = raw<number>`${fromMs} + CAST((bucket_ms - ${fromMs}) / ${stepMs} AS INTEGER) * ${stepMs}`
  let query = sql
    .selectFrom('samples')
    .select((row) => [
      step.as('atMs'),
      raw<number>`count(DISTINCT node_id)`.as('nodes'),
      row.fn.avg<number>('cpu').as('cpu'),
      row.fn.max('cpu').as('cpuMax'),
      row.fn.avg<number>('memory').as('memory'),
      row.fn.max('memory').as('memoryMax'),
      row.fn.avg<number>('disk').as('disk'),
      row.fn.max('disk').as('diskMax'),
      row.fn.avg<number>('rx_bytes_per_s').as('rx'),
      row.fn.avg<number>('tx_bytes_per_s').as('tx'),
    ])
    .where('bucket_ms', '>=', fromMs)
    .where('bucket_ms', '<', toMs)
    .groupBy(step)
    .orderBy(step)
  if (nodeId !== null) query = query.where('node_id', '=', nodeId)
  const rows = await query.execute()
  return rows.map(({ rx, tx, ...row }) => ({
    ...row,
    rxBytesPerS: rx * row.nodes,
    txBytesPerS: tx * row.nodes,
  }))
}
