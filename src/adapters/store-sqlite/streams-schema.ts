import type { Generated } from 'kysely'
import { type Kysely, type Migration, sql } from 'kysely'

export interface StreamsTables {
  lines: LineRow
  /** Where a task's lines begin and end; the counter goes on although lines are dropped. */
  line_tasks: {
    task_id: string
    /** First line that is kept. */
    first_n: number
    last_n: number
    /** Gap record that stands for the dropped lines [1, first_n); null while none is dropped. */
    trimmed: string | null
  }
  line_heads: { fence: number; stream: 'out' | 'err'; task_id: string; byte_offset: number; n: number }
  /** One row. */
  line_totals: { one: 1; lines: number }
  chat: {
    id: Generated<number>
    context: string
    conversation_id: string
    message_id: string
    request_id: string | null
    author: string
    at_ms: number
    text: string
    role: 'user' | 'assistant'
  }
  /** Items of batches that are not over. */
  work_items: { body_id: string; place: number; json: string }
}

export interface LineRow {
  /** Order of arrival over all tasks. */
  id: Generated<number>
  task_id: string
  n: number
  attempt: number
  fence: number
  at_ms: number
  node_id: string
  stream: 'out' | 'err'
  /** A line has level and text, a gap has the rest. */
  level: 'debug' | 'info' | 'warning' | 'error' | null
  text: string | null
  gap_from: number | null
  gap_to: number | null
  gap_reason: string | null
}

async function createLines(db: Kysely<StreamsTables>): Promise<void> {
  await db.schema
    .createTable('lines')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('task_id', 'text', (column) => column.notNull())
    .addColumn('n', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('stream', 'text', (column) => column.notNull())
    .addColumn('level', 'text')
    .addColumn('text', 'text')
    .addColumn('gap_from', 'integer')
    .addColumn('gap_to', 'integer')
    .addColumn('gap_reason', 'text')
    .addUniqueConstraint('lines_n', ['task_id', 'n'])
    .execute()
  await db.schema
    .createTable('line_tasks')
    .ifNotExists()
    .addColumn('task_id', 'text', (column) => column.primaryKey())
    .addColumn('first_n', 'integer', (column) => column.notNull())
    .addColumn('last_n', 'integer', (column) => column.notNull())
    .addColumn('trimmed', 'text')
    .modifyEnd(sql`without rowid`)
    .execute()
  await db.schema
    .createTable('line_heads')
    .ifNotExists()
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('stream', 'text', (column) => column.notNull())
    .addColumn('task_id', 'text', (column) => column.notNull())
    .addColumn('byte_offset', 'integer', (column) => column.notNull())
    .addColumn('n', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('line_heads_id', ['fence', 'stream'])
    .modifyEnd(sql`without rowid`)
    .execute()
  await db.schema
    .createTable('line_totals')
    .ifNotExists()
    .addColumn('one', 'integer', (column) => column.primaryKey().check(sql`one = 1`))
    .addColumn('lines', 'integer', (column) => column.notNull())
    .execute()
}

async function createChat(db: Kysely<StreamsTables>): Promise<void> {
  await db.schema
    .createTable('chat')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('context', 'text', (column) => column.notNull())
    .addColumn('conversation_id', 'text', (column) => column.notNull())
    .addColumn('message_id', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addUniqueConstraint('chat_message', ['context', 'message_id', 'role'])
    .execute()
  await db.schema.createIndex('chat_context').ifNotExists().on('chat').columns(['context', 'id']).execute()
}

async function createWorkItems(db: Kysely<StreamsTables>): Promise<void> {
  await db.schema
    .createTable('work_items')
    .ifNotExists()
    .addColumn('body_id', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addUniqueConstraint('work_items_place', ['body_id', 'place'])
    .execute()
}

export const streamsMigrations: Readonly<Record<string, Migration>> = {
  '0001-streams': {
    async up(db: Kysely<StreamsTables>) {
      await createLines(db)
      await createChat(db)
    },
  },
  '0002-work-items': { up: createWorkItems },
}
