import { type ExpressionBuilder, type Kysely, sql as raw } from 'kysely'
import { limits } from '../../core/limits.js'
import type { TaskFilter } from '../../ports/store.js'
import { searchText } from './views-rows.js'
import type { ViewsTables } from './views-schema.js'

/** Seqs of birth that one statement looks at; doubled while a window is quick. */
const windowSeqs = 65_536
/** Tasks whose keys one page looks at: it crosses to the leader's thread, which takes it between two turns. */
const keysPerPage = 2_000
/** A page ends when it has taken this long; well under limits.readerMsMax even if its last window was slow. */
const pageMs = limits.readerMsMax / 10

export interface CountArgs {
  readonly filter: TaskFilter
  /** Tasks that changed later are left out. */
  readonly throughSeq: number
  /** Of birth, exclusive. */
  readonly beforeSeq: number
}

export interface ListArgs extends CountArgs {
  /** Of birth, exclusive. */
  readonly afterSeq: number
  readonly limit: number
}

export interface ListPage {
  readonly tasks: readonly string[]
  /** Where the next page goes on (exclusive); null = nothing is left. */
  readonly nextSeq: number | null
}

export interface KeyArgs {
  readonly throughSeq: number
  readonly sinceMs: number
  /** Of birth, exclusive. */
  readonly afterSeq: number
}

export interface KeyPage {
  readonly keys: readonly { readonly clientId: string; readonly key: string }[]
  /** Where the next page goes on (exclusive); null = nothing is left. */
  readonly nextSeq: number | null
}

/**
 * Walks the finished tasks down from `beforeSeq` to `afterSeq`, window by window, so that no filter, however selective,
 * holds the thread or a snapshot for long. `visit` answers true when it has enough.
 */
async function walk(
  sql: Kysely<ViewsTables>,
  { beforeSeq, afterSeq }: { readonly beforeSeq: number; readonly afterSeq: number },
  visit: (fromSeq: number, toSeq: number) => Promise<boolean>,
): Promise<number | null> {
  const { newest } = await sql
    .selectFrom('finished_tasks')
    .select((row) => row.fn.max('born_seq').as('newest'))
    .executeTakeFirstOrThrow()
  const startMs = performance.now()
  let toSeq = Math.min(beforeSeq, (newest ?? 0) + 1)
  let width = windowSeqs
  const endSeq = afterSeq + 1
  while (toSeq > endSeq) {
    const fromSeq = Math.max(endSeq, toSeq - width)
    const windowStartMs = performance.now()
    if (await visit(fromSeq, toSeq)) return fromSeq
    const nowMs = performance.now()
    toSeq = fromSeq
    if (nowMs - startMs > pageMs) break
    if (nowMs - windowStartMs < pageMs / 4) width *= 2
  }
  return toSeq <= endSeq ? null : toSeq
}

export async function listFinished(sql: Kysely<ViewsTables>, args: ListArgs): Promise<ListPage> {
  const ids: { born_seq: number; task_id: string }[] = []
  const nextSeq = await walk(sql, args, async (fromSeq, toSeq) => {
    const found = await sql
      .selectFrom('finished_tasks')
      .select(['born_seq', 'task_id'])
      .where((row) => within(row, fromSeq, toSeq))
      .where((row) => matches(row, args.filter, fromSeq, toSeq))
      .where('seq', '<=', args.throughSeq)
      .orderBy('born_seq', 'desc')
      .limit(args.limit - ids.length)
      .execute()
    ids.push(...found)
    return ids.length === args.limit
  })
  const rows = await sql
    .selectFrom('entities')
    .select(['id', 'json'])
    .where('kind', '=', 'task')
    .where(
      'id',
      'in',
      ids.map((row) => row.task_id),
    )
    .execute()
  const jsonById = new Map(rows.map((row) => [row.id, row.json]))
  return {
    tasks: ids.flatMap((row) => jsonById.get(row.task_id) ?? []),
    nextSeq: ids.length === args.limit ? (ids.at(-1)?.born_seq ?? null) : nextSeq,
  }
}

export async function countFinished(
  sql: Kysely<ViewsTables>,
  args: CountArgs,
): Promise<{ count: number; nextSeq: number | null }> {
  let count = 0
  const nextSeq = await walk(sql, { beforeSeq: args.beforeSeq, afterSeq: 0 }, async (fromSeq, toSeq) => {
    const found = await sql
      .selectFrom('finished_tasks')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where((row) => within(row, fromSeq, toSeq))
      .where((row) => matches(row, args.filter, fromSeq, toSeq))
      .where('seq', '<=', args.throughSeq)
      .executeTakeFirstOrThrow()
    count += found.count
    return false
  })
  return { count, nextSeq }
}

/** Keys of the next finished tasks by birth, however few of them have one: a page looks at so many rows. */
export async function retiredKeys(sql: Kysely<ViewsTables>, args: KeyArgs): Promise<KeyPage> {
  const last = await sql
    .selectFrom('finished_tasks')
    .select('born_seq')
    .where('born_seq', '>', args.afterSeq)
    .orderBy('born_seq')
    .offset(keysPerPage - 1)
    .limit(1)
    .executeTakeFirst()
  const keys = await sql
    .selectFrom('finished_tasks')
    .select(['client_id as clientId', 'idempotency_key as key'])
    .where('born_seq', '>', args.afterSeq)
    .where('born_seq', '<=', last?.born_seq ?? Number.MAX_SAFE_INTEGER)
    .where('idempotency_key', 'is not', null)
    .$narrowType<{ key: string }>()
    .where('completed_at_ms', '>=', args.sinceMs)
    .where('seq', '<=', args.throughSeq)
    .execute()
  return { keys, nextSeq: last?.born_seq ?? null }
}

type Row = ExpressionBuilder<ViewsTables, 'finished_tasks'>

const within = (row: Row, fromSeq: number, toSeq: number) =>
  row.and([row('born_seq', '>=', fromSeq), row('born_seq', '<', toSeq)])

/** Looks for tags between these births only, so that a tag that many tasks have costs a window no more than its own. */
function matches(row: Row, filter: TaskFilter, fromSeq: number, toSeq: number) {
  const terms = []
  if (filter.status !== undefined) terms.push(row('status', '=', filter.status))
  if (filter.phase !== undefined) terms.push(row('phase', '=', filter.phase))
  const { tag } = filter
  if (tag !== undefined) {
    const tagged = row
      .selectFrom('finished_task_tags as tags')
      .select('tags.born_seq')
      .where('tags.tag', '=', tag)
      .where('tags.born_seq', '>=', fromSeq)
      .where('tags.born_seq', '<', toSeq)
    terms.push(row('finished_tasks.born_seq', 'in', tagged))
  }
  if (filter.workerId !== undefined) terms.push(row('worker_id', '=', filter.workerId))
  if (filter.project !== undefined) terms.push(row('project', '=', filter.project))
  if (filter.fromMs !== undefined) terms.push(row('created_at_ms', '>=', filter.fromMs))
  if (filter.toMs !== undefined) terms.push(row('created_at_ms', '<', filter.toMs))
  if (filter.text !== undefined) {
    terms.push(row.eb(raw<number>`instr(text, ${searchText(filter.text)})`, '>', 0))
  }
  return row.and(terms)
}
