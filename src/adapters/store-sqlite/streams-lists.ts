import type { ExpressionBuilder, Kysely, Selectable } from 'kysely'
import { sql as raw } from 'kysely'
import { limits } from '../../core/limits.js'
import { type LineFilter, type LineRecord, lineLevels, type StoredGap } from '../../ports/streams.js'
import type { LineRow, StreamsTables } from './streams-schema.js'

/** Lines that one statement looks at. */
const windowLines = 16_384
/** A page ends when it has taken this long; well under limits.readerMsMax even if its last window was slow. */
const pageMs = limits.readerMsMax / 10

export interface LinePage {
  /** Newest first. */
  readonly lines: readonly LineRecord[]
  /** Where the next page goes on (exclusive); null = nothing is left. */
  readonly nextId: number | null
}

/** A task's lines after `after`; the gap record of dropped lines stands first when they would. */
export async function taskLines(
  sql: Kysely<StreamsTables>,
  taskId: string,
  after: number,
  limit: number,
): Promise<readonly LineRecord[]> {
  const task = await sql
    .selectFrom('line_tasks')
    .select(['first_n', 'trimmed'])
    .where('task_id', '=', taskId)
    .executeTakeFirst()
  const gap = task?.trimmed != null && after + 1 < task.first_n ? gapAfter(task.trimmed, after) : []
  const rows = await sql
    .selectFrom('lines')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('n', '>', after)
    .orderBy('n')
    .limit(limit - gap.length)
    .execute()
  return [...gap, ...rows.map(lineRecord)]
}

function gapAfter(trimmed: string, after: number): [StoredGap] {
  const record = JSON.parse(trimmed) as StoredGap
  return [{ ...record, gap: { ...record.gap, from: after + 1 } }]
}

/** Walks the lines down from `beforeId`, window by window, so that a filter that finds nothing holds no one up. */
export async function recentPage(
  sql: Kysely<StreamsTables>,
  args: { readonly filter: LineFilter; readonly beforeId: number; readonly limit: number },
): Promise<LinePage> {
  const startMs = performance.now()
  const { newest, oldest } = await sql
    .selectFrom('lines')
    .select((row) => [row.fn.max('id').as('newest'), row.fn.min('id').as('oldest')])
    .executeTakeFirstOrThrow()
  const lines: LineRecord[] = []
  let toId = Math.min(args.beforeId, (newest ?? 0) + 1)
  while (toId > (oldest ?? 0) && performance.now() - startMs < pageMs) {
    const fromId = toId - windowLines
    const rows = await sql
      .selectFrom('lines')
      .selectAll()
      .where((row) => matches(row, args.filter, fromId, toId))
      .orderBy('id', 'desc')
      .limit(args.limit - lines.length)
      .execute()
    lines.push(...rows.map(lineRecord))
    if (lines.length === args.limit) return { lines, nextId: rows.at(-1)?.id ?? null }
    toId = fromId
  }
  return { lines, nextId: toId > (oldest ?? 0) ? toId : null }
}

function matches(
  row: ExpressionBuilder<StreamsTables, 'lines'>,
  filter: LineFilter,
  fromId: number,
  toId: number,
) {
  const terms = [row('id', '>=', fromId), row('id', '<', toId)]
  if (filter.nodeId !== undefined) terms.push(row('node_id', '=', filter.nodeId))
  if (filter.level !== undefined) terms.push(row('level', '=', filter.level))
  if (filter.levelFrom !== undefined) {
    terms.push(row('level', 'in', lineLevels.slice(lineLevels.indexOf(filter.levelFrom))))
  }
  if (filter.taskId !== undefined) terms.push(row('task_id', '=', filter.taskId))
  if (filter.sinceMs !== undefined) terms.push(row('at_ms', '>=', filter.sinceMs))
  if (filter.untilMs !== undefined) terms.push(row('at_ms', '<', filter.untilMs))
  if (filter.text !== undefined) {
    terms.push(row.eb(raw<number>`instr(lower(text), lower(${filter.text}))`, '>', 0))
  }
  return row.and(terms)
}

export function lineRecord(row: Selectable<LineRow>): LineRecord {
  const position = {
    taskId: row.task_id,
    attempt: row.attempt,
    fence: row.fence,
    n: row.n,
    atMs: row.at_ms,
    nodeId: row.node_id,
    stream: row.stream,
  }
  if (row.level === null || row.text === null) {
    const gap = { from: row.gap_from ?? 0, to: row.gap_to ?? 0, reason: row.gap_reason ?? '' }
    return { ...position, gap }
  }
  return { ...position, level: row.level, text: row.text }
}
