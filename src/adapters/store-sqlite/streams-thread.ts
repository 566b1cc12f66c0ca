import type { Kysely } from 'kysely'
import type { ChatRecord, LineFilter, LineHead, LineRecord } from '../../ports/streams.js'
import { openDatabase } from './open-database.js'
import { migrate, queries } from './queries.js'
import { appendLines, lastLineNumber, trimLines } from './streams-append.js'
import { type LinePage, recentPage, taskLines } from './streams-lists.js'
import { type StreamsTables, streamsMigrations } from './streams-schema.js'
import {
  bodyIds,
  dropItems,
  type PutItems,
  putItems,
  type ReadItems,
  readItems,
} from './work-bodies-calls.js'

/** Calls of the streams' thread. Lines go over as JSON text, a batch at a time. */
export interface StreamsCalls {
  appendLines(args: { readonly json: string }): Promise<void>
  lineHeads(args: { readonly fences: readonly number[] }): Promise<readonly LineHead[]>
  lastLineNumber(args: { readonly taskId: string }): Promise<number>
  taskLines(args: {
    readonly taskId: string
    readonly after: number
    readonly limit: number
  }): Promise<readonly LineRecord[]>
  recentPage(args: {
    readonly filter: LineFilter
    readonly beforeId: number
    readonly limit: number
  }): Promise<LinePage>
  trimLines(args: { readonly totalMax: number }): Promise<boolean>
  appendChat(args: ChatRecord): Promise<void>
  chat(args: { readonly context: string; readonly limit: number }): Promise<readonly ChatRecord[]>
  putItems(args: PutItems): Promise<void>
  readItems(args: ReadItems): Promise<readonly string[]>
  dropItems(args: { readonly bodyId: string }): Promise<void>
  bodyIds(args: Record<string, never>): Promise<readonly string[]>
  close(): void
}

export async function openStreamsThread(path: string): Promise<StreamsCalls> {
  const db = openDatabase(path, 'full')
  const sql = queries<StreamsTables>(db)
  await migrate(sql, streamsMigrations)
  await sql
    .insertInto('line_totals')
    .values({ one: 1, lines: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return {
    appendLines: ({ json }) =>
      appendLines(sql, JSON.parse(json) as { lines: LineRecord[]; heads: LineHead[] }),
    lineHeads: ({ fences }) => lineHeads(sql, fences),
    lastLineNumber: ({ taskId }) => lastLineNumber(sql, taskId),
    taskLines: ({ taskId, after, limit }) => taskLines(sql, taskId, after, limit),
    recentPage: (args) => recentPage(sql, args),
    trimLines: ({ totalMax }) => trimLines(sql, totalMax),
    appendChat: (record) => appendChat(sql, record),
    chat: ({ context, limit }) => chat(sql, context, limit),
    putItems: (args) => putItems(sql, args),
    readItems: (args) => readItems(sql, args),
    dropItems: ({ bodyId }) => dropItems(sql, bodyId),
    bodyIds: () => bodyIds(sql),
    close: () => {
      db.close()
    },
  }
}

async function lineHeads(
  sql: Kysely<StreamsTables>,
  fences: readonly number[],
): Promise<readonly LineHead[]> {
  const rows = await sql
    .selectFrom('line_heads')
    .selectAll()
    .where('fence', 'in', fences)
    .orderBy('fence')
    .orderBy('stream')
    .execute()
  return rows.map((row) => ({
    taskId: row.task_id,
    fence: row.fence,
    stream: row.stream,
    offset: row.byte_offset,
    n: row.n,
  }))
}

async function appendChat(sql: Kysely<StreamsTables>, record: ChatRecord): Promise<void> {
  await sql
    .insertInto('chat')
    .values({
      context: record.context,
      conversation_id: record.conversationId,
      message_id: record.messageId,
      request_id: record.requestId,
      author: record.author,
      at_ms: record.atMs,
      text: record.text,
      role: record.role,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function chat(
  sql: Kysely<StreamsTables>,
  context: string,
  limit: number,
): Promise<readonly ChatRecord[]> {
  const rows = await sql
    .selectFrom('chat')
    .selectAll()
    .where('context', '=', context)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map((row) => ({
    context: row.context,
    conversationId: row.conversation_id,
    messageId: row.message_id,
    requestId: row.request_id,
    author: row.author,
    atMs: row.at_ms,
    text: row.text,
    role: row.role,
  }))
}
