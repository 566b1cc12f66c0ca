import type { Insertable, Kysely } from 'kysely'
import { limits } from '../../core/limits.js'
import type { LineHead, LineRecord, StoredGap } from '../../ports/streams.js'
import { lineRecord } from './streams-lists.js'
import type { LineRow, StreamsTables } from './streams-schema.js'

/** Rows of one INSERT. */
const rowsPerStatement = 100
/** A task's lines are cut this far below their limit at once, so that the cut is not made for every line. */
const cutSlack = 1_000

/** Stores lines and heads in one transaction. What is stored already (same task and n) is left as it is. */
export function appendLines(
  sql: Kysely<StreamsTables>,
  batch: { readonly lines: readonly LineRecord[]; readonly heads: readonly LineHead[] },
): Promise<void> {
  return sql.transaction().execute(async (within) => {
    let added = 0
    for (let start = 0; start < batch.lines.length; start += rowsPerStatement) {
      const result = await within
        .insertInto('lines')
        .values(batch.lines.slice(start, start + rowsPerStatement).map(lineRow))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      added += Number(result.numInsertedOrUpdatedRows ?? 0n)
    }
    const lastByTask = new Map(batch.lines.map((line) => [line.taskId, line.n]))
    for (const [taskId, lastN] of lastByTask) added -= await moveEnd(within, taskId, lastN)
    await addToTotal(within, added)
    for (const head of batch.heads) await moveHead(within, head)
  })
}

export async function lastLineNumber(sql: Kysely<StreamsTables>, taskId: string): Promise<number> {
  const row = await sql
    .selectFrom('line_tasks')
    .select('last_n')
    .where('task_id', '=', taskId)
    .executeTakeFirst()
  return row?.last_n ?? 0
}

/** Drops the oldest lines over all tasks while there are more than `totalMax`; true = more to do. */
export function trimLines(sql: Kysely<StreamsTables>, totalMax: number): Promise<boolean> {
  return sql.transaction().execute(async (within) => {
    const { lines } = await within.selectFrom('line_totals').select('lines').executeTakeFirstOrThrow()
    const over = lines - totalMax
    if (over <= 0) return false
    const oldest = await within
      .selectFrom('lines')
      .selectAll()
      .orderBy('id')
      .limit(Math.min(over, limits.retentionRowsPerStep))
      .execute()
    const lastByTask = new Map(oldest.map((row) => [row.task_id, row.n]))
    let dropped = 0
    for (const [taskId, lastN] of lastByTask) dropped += await cut(within, taskId, lastN)
    await addToTotal(within, -dropped)
    return over > dropped
  })
}

/** Moves the task's last n; cuts its oldest lines when there are too many. Returns how many were cut. */
async function moveEnd(sql: Kysely<StreamsTables>, taskId: string, lastN: number): Promise<number> {
  const row = await sql
    .insertInto('line_tasks')
    .values({ task_id: taskId, first_n: 1, last_n: lastN, trimmed: null })
    .onConflict((conflict) =>
      conflict.column('task_id').doUpdateSet((task) => ({
        last_n: task.fn<number>('max', ['line_tasks.last_n', 'excluded.last_n']),
      })),
    )
    .returning(['first_n', 'last_n'])
    .executeTakeFirstOrThrow()
  const kept = row.last_n - row.first_n + 1
  if (kept <= limits.linesPerTaskMax) return 0
  return cut(sql, taskId, row.last_n - limits.linesPerTaskMax + cutSlack)
}

/** Drops a task's lines up to `throughN` and leaves one gap record in their place. Returns how many went. */
async function cut(sql: Kysely<StreamsTables>, taskId: string, throughN: number): Promise<number> {
  const last = await sql
    .selectFrom('lines')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('n', '<=', throughN)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return 0
  const { attempt, fence, n, atMs, nodeId, stream } = lineRecord(last)
  const gap = { from: 1, to: n + 1, reason: 'trimmed' }
  const trimmed: StoredGap = { taskId, attempt, fence, n, atMs, nodeId, stream, gap }
  await sql
    .updateTable('line_tasks')
    .set({ first_n: n + 1, trimmed: JSON.stringify(trimmed) })
    .where('task_id', '=', taskId)
    .execute()
  const deleted = await sql
    .deleteFrom('lines')
    .where('task_id', '=', taskId)
    .where('n', '<=', throughN)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

async function addToTotal(sql: Kysely<StreamsTables>, lines: number): Promise<void> {
  await sql
    .updateTable('line_totals')
    .set((row) => ({ lines: row('lines', '+', lines) }))
    .execute()
}

async function moveHead(sql: Kysely<StreamsTables>, head: LineHead): Promise<void> {
  await sql
    .insertInto('line_heads')
    .values({
      fence: head.fence,
      stream: head.stream,
      task_id: head.taskId,
      byte_offset: head.offset,
      n: head.n,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['fence', 'stream'])
        .doUpdateSet((row) => ({ byte_offset: row.ref('excluded.byte_offset'), n: row.ref('excluded.n') }))
        .whereRef('excluded.byte_offset', '>', 'line_heads.byte_offset'),
    )
    .execute()
}

function lineRow(line: LineRecord): Insertable<LineRow> {
  return {
    task_id: line.taskId,
    n: line.n,
    attempt: line.attempt,
    fence: line.fence,
    at_ms: line.atMs,
    node_id: line.nodeId,
    stream: line.stream,
    level: 'gap' in line ? null : line.level,
    text: 'gap' in line ? null : line.text,
    gap_from: 'gap' in line ? line.gap.from : null,
    gap_to: 'gap' in line ? line.gap.to : null,
    gap_reason: 'gap' in line ? line.gap.reason : null,
  }
}
