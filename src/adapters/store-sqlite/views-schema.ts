import { type Kysely, type Migration, sql } from 'kysely'

export interface ViewsTables {
  /** One row: which log this file follows and how far. */
  progress: { one: 1; log_id: string; projected_seq: number }
  /** The newest version of every entity. `final` = it is over and need not be held in memory for ever. */
  entities: { kind: string; id: string; seq: number; project: string | null; final: 0 | 1; json: string }
  /** What lists and searches of finished tasks need; the row's id is the seq at which the task was born. */
  finished_tasks: FinishedTaskRow
  /** Their tags. A row may outlive its task's row in `finished_tasks`: a task that is opened again keeps its tags. */
  finished_task_tags: { tag: string; born_seq: number }
  keyframes: { seq: number; at_ms: number }
  /**
   * Versions of entities that a keyframe found changed. A version stands at every keyframe in [seq, until_seq), so that a
   * keyframe copies no more than what changed since the one before.
   */
  keyframe_rows: KeyframeRow
  /** The history of configuration: one row each change. */
  config_changes: { seq: number; at_ms: number; kind: string; json: string }
  /** What was configured last, so that the next change can say what was before. */
  config_states: { kind: string; id: string; json: string }
  samples: {
    bucket_ms: number
    node_id: string
    at_ms: number
    cpu: number
    memory: number
    disk: number
    rx_bytes_per_s: number
    tx_bytes_per_s: number
  }
}

export interface KeyframeRow {
  kind: string
  id: string
  /** Of the version itself. */
  seq: number
  /** The keyframe that has a newer one; `openUntilSeq` = none has. */
  until_seq: number
  final: 0 | 1
  json: string
}
/** Above every seq. */
export const openUntilSeq = Number.MAX_SAFE_INTEGER

export interface FinishedTaskRow {
  born_seq: number
  task_id: string
  /** Seq of its last change. */
  seq: number
  status: string
  phase: string
  worker_id: string | null
  project: string
  /** Name and id in lower case, on a line each. */
  text: string
  created_at_ms: number
  completed_at_ms: number
  client_id: string
  idempotency_key: string | null
}

async function createEntities(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .createTable('progress')
    .ifNotExists()
    .addColumn('one', 'integer', (column) => column.primaryKey().check(sql`one = 1`))
    .addColumn('log_id', 'text', (column) => column.notNull())
    .addColumn('projected_seq', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('entities')
    .ifNotExists()
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('project', 'text')
    .addColumn('final', 'integer', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addUniqueConstraint('entities_id', ['kind', 'id'])
    .execute()
  await db.schema
    .createIndex('entities_final')
    .ifNotExists()
    .on('entities')
    .columns(['kind', 'final', 'seq'])
    .execute()
}

async function createFinishedTasks(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .createTable('finished_tasks')
    .ifNotExists()
    .addColumn('born_seq', 'integer', (column) => column.primaryKey())
    .addColumn('task_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('worker_id', 'text')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'integer', (column) => column.notNull())
    .addColumn('completed_at_ms', 'integer', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .execute()
  for (const column of ['status', 'worker_id', 'project'] as const) {
    await db.schema
      .createIndex(`finished_tasks_${column}`)
      .ifNotExists()
      .on('finished_tasks')
      .column(column)
      .execute()
  }
  await db.schema
    .createIndex('finished_tasks_key')
    .ifNotExists()
    .on('finished_tasks')
    .columns(['idempotency_key', 'client_id'])
    .where('idempotency_key', 'is not', null)
    .execute()
}

async function createKeyframes(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .createTable('keyframes')
    .ifNotExists()
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('keyframe_rows')
    .ifNotExists()
    .addColumn('keyframe_seq', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addUniqueConstraint('keyframe_rows_id', ['kind', 'id', 'keyframe_seq'])
    .execute()
}

async function createSamples(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .createTable('samples')
    .ifNotExists()
    .addColumn('bucket_ms', 'integer', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('cpu', 'real', (column) => column.notNull())
    .addColumn('memory', 'real', (column) => column.notNull())
    .addColumn('disk', 'real', (column) => column.notNull())
    .addColumn('rx_bytes_per_s', 'real', (column) => column.notNull())
    .addColumn('tx_bytes_per_s', 'real', (column) => column.notNull())
    .addPrimaryKeyConstraint('samples_id', ['bucket_ms', 'node_id'])
    .modifyEnd(sql`without rowid`)
    .execute()
}

/** Lists by phase and tag. Rows of before are filled from their entities. */
async function addPhaseAndTags(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .alterTable('finished_tasks')
    .addColumn('phase', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await db.schema
    .createTable('finished_task_tags')
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('born_seq', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('finished_task_tags_id', ['tag', 'born_seq'])
    .modifyEnd(sql`without rowid`)
    .execute()
  await sql`
    UPDATE finished_tasks SET phase = coalesce((
      SELECT json_extract(json, '$.state.outcome') FROM entities WHERE kind = 'task' AND id = task_id
    ), '')`.execute(db)
  await sql`
    INSERT OR IGNORE INTO finished_task_tags (tag, born_seq)
    SELECT tag.value, finished_tasks.born_seq FROM finished_tasks
    JOIN entities ON entities.kind = 'task' AND entities.id = finished_tasks.task_id,
      json_each(entities.json, '$.spec.queue.tags') AS tag`.execute(db)
}

/** Changes of before are not in it: what they left is unknown to the first one after. */
async function addConfigHistory(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema
    .createTable('config_changes')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('config_changes_kind').on('config_changes').columns(['kind', 'seq']).execute()
  await db.schema
    .createTable('config_states')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('config_states_id', ['kind', 'id'])
    .modifyEnd(sql`without rowid`)
    .execute()
}

/** Keyframes that are read from the side of an instant. Those of before are dropped: the next one has everything. */
async function addKeyframeSpans(db: Kysely<ViewsTables>): Promise<void> {
  await db.schema.dropTable('keyframe_rows').ifExists().execute()
  await db.deleteFrom('keyframes').execute()
  await db.schema
    .createTable('keyframe_rows')
    .ifNotExists()
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('until_seq', 'integer', (column) => column.notNull())
    .addColumn('final', 'integer', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addUniqueConstraint('keyframe_rows_id', ['kind', 'id', 'seq'])
    .execute()
  await db.schema
    .createIndex('keyframe_rows_until')
    .ifNotExists()
    .on('keyframe_rows')
    .columns(['kind', 'final', 'until_seq', 'seq'])
    .execute()
  await db.schema
    .createIndex('keyframe_rows_seq')
    .ifNotExists()
    .on('keyframe_rows')
    .columns(['kind', 'final', 'seq', 'until_seq'])
    .execute()
}

export const viewsMigrations: Readonly<Record<string, Migration>> = {
  '0001-views': {
    async up(db: Kysely<ViewsTables>) {
      await createEntities(db)
      await createFinishedTasks(db)
      await createKeyframes(db)
      await createSamples(db)
    },
  },
  '0002-phase-and-tags': { up: addPhaseAndTags },
  '0003-config-history': { up: addConfigHistory },
  '0004-keyframe-spans': { up: addKeyframeSpans },
}
