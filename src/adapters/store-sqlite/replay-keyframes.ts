import type { Database } from 'better-sqlite3'
import type { Cluster } from '../../core/cluster/events.js'
import { limits } from '../../core/limits.js'
import type { ShownKind } from '../../core/replay/scope.js'
import type { Entity, SampleRow } from '../../ports/store.js'
import { openUntilSeq } from './views-schema.js'

export interface Keyframe {
  readonly seq: number
  readonly atMs: number
}

/** What stood at a keyframe, as far as a picture begins with it. */
export interface KeyframePicture {
  readonly entities: readonly Entity[]
  /** Finished tasks that memory held, loaded or not. */
  readonly finishedTasks: number
}

/** Keyframes and samples of views.db, as a replay reads them. */
export interface KeyframeReads {
  /** The newest one at or before a seq; null = none. */
  at(seq: number): Keyframe | null
  /** The oldest one at or after a seq; null = none. */
  from(seq: number): Keyframe | null
  load(keyframeSeq: number): KeyframePicture
  /** One entity as it stood at a keyframe. */
  entity(keyframeSeq: number, kind: ShownKind, id: string): Entity | undefined
  /** The newest sample of each master up to limits.replaySampleMs before an instant. */
  samples(atMs: number): readonly SampleRow[]
}

/** Kinds of which a picture begins with all that was there. */
const openKinds: readonly ShownKind[] = [
  'node',
  'task',
  'alert',
  'receipt',
  'work',
  'limit',
  'schedule',
  'template',
  'trigger',
]

interface Row {
  readonly json: string
  readonly seq: number
  readonly until: number
}

export function keyframeReads(db: Database): KeyframeReads {
  const at = db.prepare<[number], Keyframe>(
    'SELECT seq, at_ms AS atMs FROM keyframes WHERE seq <= ? ORDER BY seq DESC LIMIT 1',
  )
  const from = db.prepare<[number], Keyframe>(
    'SELECT seq, at_ms AS atMs FROM keyframes WHERE seq >= ? ORDER BY seq LIMIT 1',
  )
  const open = db.prepare<[string, number, number, number, number], Row>(
    `SELECT json, seq, until_seq AS until FROM keyframe_rows
     WHERE kind = ? AND final = 0 AND (until_seq, seq) > (?, ?) AND seq <= ? ORDER BY until_seq, seq LIMIT ?`,
  )
  const over = db.prepare<[string, number, number, number, number], Row>(
    `SELECT json, seq, until_seq AS until FROM keyframe_rows
     WHERE kind = ? AND final = 1 AND seq > ? AND seq <= ? AND until_seq > ? ORDER BY seq DESC LIMIT ?`,
  )
  const overCount = db
    .prepare<[string, number, number, number], number>(
      'SELECT count(*) FROM keyframe_rows WHERE kind = ? AND final = 1 AND seq > ? AND seq <= ? AND until_seq > ?',
    )
    .pluck()
  const one = db
    .prepare<[string, string, number, number], string>(
      'SELECT json FROM keyframe_rows WHERE kind = ? AND id = ? AND seq <= ? AND until_seq > ?',
    )
    .pluck()
  const samples = db.prepare<[number, number, number], SampleRow>(
    `SELECT node_id AS nodeId, max(at_ms) AS atMs, cpu, memory, disk, rx_bytes_per_s AS rxBytesPerS,
       tx_bytes_per_s AS txBytesPerS
     FROM samples WHERE bucket_ms >= ? AND bucket_ms <= ? AND at_ms <= ? GROUP BY node_id`,
  )

  /** Page by page: no read is open for long. */
  function* openAt(kind: ShownKind, seq: number): Generator<Entity> {
    let page: readonly Row[] = []
    let [until, afterSeq] = [seq, openUntilSeq]
    do {
      page = open.all(kind, until, afterSeq, seq, limits.readerRowsMax)
      for (const row of page) yield JSON.parse(row.json) as Entity
      const last = page.at(-1)
      ;[until, afterSeq] = [last?.until ?? until, last?.seq ?? afterSeq]
    } while (page.length === limits.readerRowsMax)
  }
  function* overAt(
    kind: ShownKind,
    { seq, afterSeq = 0, max }: { readonly seq: number; readonly afterSeq?: number; readonly max: number },
  ): Generator<Entity> {
    let [left, before] = [max, seq]
    let page: readonly Row[] = []
    do {
      page = over.all(kind, afterSeq, before, seq, Math.min(left, limits.readerRowsMax))
      for (const row of page) yield JSON.parse(row.json) as Entity
      left -= page.length
      before = (page.at(-1)?.seq ?? 0) - 1
    } while (page.length > 0 && left > 0)
  }

  return {
    at: (seq) => at.get(seq) ?? null,
    from: (seq) => from.get(seq) ?? null,
    load(seq) {
      const [cluster] = [...openAt('cluster', seq)] as Cluster[]
      const afterSeq = cluster?.retiredThroughSeq ?? 0
      const entities = [
        ...(cluster === undefined ? [] : [cluster]),
        ...openKinds.flatMap((kind) => [...openAt(kind, seq)]),
        ...overAt('alert', { seq, max: limits.alertsClearedKept }),
        ...overAt('work', { seq, max: limits.workFinishedKept }),
        ...overAt('receipt', { seq, max: limits.replayReceiptsMax }),
        ...overAt('task', { seq, afterSeq, max: limits.wallSnapshotTasksMax }),
      ]
      return { entities, finishedTasks: overCount.get('task', afterSeq, seq, seq) ?? 0 }
    },
    entity: (keyframeSeq, kind, id) => {
      const json = one.get(kind, id, keyframeSeq, keyframeSeq)
      return json === undefined ? undefined : (JSON.parse(json) as Entity)
    },
    samples: (atMs) => samples.all(atMs - limits.replaySampleMs, atMs, atMs),
  }
}
