import type { Database } from 'better-sqlite3'
import { bornAt } from '../../core/ids.js'
import { termsOf } from '../../core/tasks/terms.js'
import type { Entity } from '../../ports/store.js'
import { entityRow, finishedTaskRow } from './views-rows.js'
import type { FinishedTaskRow, ViewsTables } from './views-schema.js'

/** What one call of the thread writes: the newest versions of what changed in (fromSeq, toSeq]. */
export interface ProjectArgs {
  readonly fromSeq: number
  readonly toSeq: number
  /** A line of JSON per entity. */
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

/**
 * The write of the projector: every task passes through it, so its statements are prepared once, where a query builder
 * would cost as much as the rows. Throws when the file does not stand at `fromSeq`; then nothing of it is written.
 */
export function projection(db: Database): (args: ProjectArgs) => void {
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
  return db.transaction(({ fromSeq, toSeq, lines }: ProjectArgs): void => {
    if (moveOn.run(toSeq, fromSeq).changes === 0)
      throw new Error(`the views are not projected through ${fromSeq}`)
    if (lines !== '') for (const line of lines.split('\n')) keep(line)
  })
}
