import type { Database } from 'better-sqlite3'
import { assert } from '../../core/assert.js'
import type { ConfigEvent } from '../../core/config/config-event.js'
import { bornAt } from '../../core/ids.js'
import { termsOf } from '../../core/tasks/terms.js'
import type { Entity } from '../../ports/store.js'
import { configWriter } from './views-config.js'
import { entityRow, finishedTaskRow } from './views-rows.js'
import type { FinishedTaskRow, ViewsTables } from './views-schema.js'

/** What one batch of the projector writes: the newest versions of what changed in (fromSeq, toSeq]. */
export interface ProjectArgs {
  readonly fromSeq: number
  readonly toSeq: number
  /** Parts that came before, all of this batch. */
  readonly part: number
  /** A line of JSON per entity of the last part. */
  readonly lines: string
  readonly configEvents: readonly ConfigEvent[]
}

/** An earlier part of a batch that is too long to be handed over at once, from 0; kept until the last one is written. */
export interface ProjectPartArgs {
  readonly part: number
  readonly lines: string
}

type Columns<Row> = Readonly<Record<keyof Row, true>>
const entityColumns: Columns<ViewsTables['entities']> = {
  kind: true,
  id: true,
  seq: true,
  project: true,
  final: true,
  json: true,
}
const finishedColumns: Columns<FinishedTaskRow> = {
  born_seq: true,
  task_id: true,
  seq: true,
  status: true,
  phase: true,
  worker_id: true,
  project: true,
  text: true,
  created_at_ms: true,
  completed_at_ms: true,
  client_id: true,
  idempotency_key: true,
}
const named = (columns: object): string => {
  const names = Object.keys(columns)
  return `(${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`
}

export interface Projection {
  addPart(args: ProjectPartArgs): void
  /** Throws when the file does not stand at `fromSeq`; then nothing is written, and it may be tried again. */
  write(args: ProjectArgs): void
}

/**
 * The write of the projector: every task passes through it, so its statements are prepared once, where a query builder
 * would cost as much as the rows.
 */
export function projection(db: Database): Projection {
  const moveOn = db.prepare<[number, number]>('UPDATE progress SET projected_seq = ? WHERE projected_seq = ?')
  const keepEntity = db.prepare<[ViewsTables['entities']]>(
    `INSERT INTO entities ${named(entityColumns)}
     ON CONFLICT (kind, id) DO UPDATE SET
       seq = excluded.seq, project = excluded.project, final = excluded.final, json = excluded.json`,
  )
  const keepFinished = db.prepare<[FinishedTaskRow]>(
    `INSERT OR REPLACE INTO finished_tasks ${named(finishedColumns)}`,
  )
  const keepTag = db.prepare<[string, number]>(
    'INSERT OR IGNORE INTO finished_task_tags (tag, born_seq) VALUES (?, ?)',
  )
  const dropFinished = db.prepare<[number]>('DELETE FROM finished_tasks WHERE born_seq = ?')

  const keep = (line: string): void => {
    const entity = JSON.parse(line) as Entity
    keepEntity.run(entityRow(entity, line))
    if (entity.kind !== 'task') return
    const finished = finishedTaskRow(entity)
    if (finished === null) {
      dropFinished.run(bornAt(entity.taskId))
      return
    }
    keepFinished.run(finished)
    for (const tag of termsOf(entity.spec).tags) keepTag.run(tag, finished.born_seq)
  }
  const parts: string[] = []
  const keepFirst = (count: number): void => {
    assert(parts.length >= count, `${count} parts of a batch were said to have come, not ${parts.length}`)
    parts.length = count
  }
  const keepAll = (lines: string): void => {
    if (lines !== '') for (const line of lines.split('\n')) keep(line)
  }
  const keepConfig = configWriter(db)
  const write = db.transaction(({ fromSeq, toSeq, lines, configEvents }: ProjectArgs): void => {
    if (moveOn.run(toSeq, fromSeq).changes === 0)
      throw new Error(`the views are not projected through ${fromSeq}`)
    for (const earlier of parts) keepAll(earlier)
    keepAll(lines)
    keepConfig(configEvents)
  })
  return {
    addPart({ part, lines }) {
      keepFirst(part)
      parts.push(lines)
    },
    write(args) {
      keepFirst(args.part)
      write(args)
      parts.length = 0
    },
  }
}
