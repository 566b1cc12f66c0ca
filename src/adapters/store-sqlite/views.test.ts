import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import type { TaskFilter } from '../../ports/store.js'
import { callHere } from '../../testing/call-here.js'
import { sampleTask } from '../../testing/entity-samples.js'
import { type ViewsHarness, viewsContract } from '../../testing/views-contract.js'
import { SqliteViews } from './views.js'
import { openViewsThread, type ViewsCalls } from './views-thread.js'

let root: string
let opened = 0
const noBallast = { free: () => undefined }
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'agentflow-views-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const newPath = (): string => {
  opened += 1
  return join(root, `views-${opened}.db`)
}

async function openAt(path: string, about = { logId: 'l', lastSeq: 10_000_000 }): Promise<SqliteViews> {
  return new SqliteViews(callHere<ViewsCalls>(await openViewsThread({ path, ...about })), noBallast)
}

async function harnessAt(path: string): Promise<ViewsHarness> {
  const views = await openAt(path)
  return {
    views,
    close: () => views.close(),
    reopen: async () => {
      await views.close()
      return harnessAt(path)
    },
  }
}

viewsContract('sqlite', () => harnessAt(newPath()))

it('[JN6] writes a long batch, handed over in parts, in one transaction, and again when it failed', async () => {
  const calls = await openViewsThread({ path: newPath(), logId: 'l', lastSeq: 10_000 })
  const handed: string[] = []
  let isFull = true
  const views = new SqliteViews(
    callHere<ViewsCalls>({
      ...calls,
      projectPart: (args) => {
        handed.push(`part ${args.part} of ${args.lines.split('\n').length}`)
        calls.projectPart(args)
      },
      project: (args) => {
        handed.push(`last of ${args.lines.split('\n').length}`)
        if (isFull) {
          isFull = false
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
        }
        calls.project(args)
      },
    }),
    noBallast,
  )
  const tasks = Array.from({ length: 2_500 }, (_, n) => sampleTask(n + 1, n + 1, { outcome: 'succeeded' }))
  const writing = views.project({ fromSeq: 0, toSeq: 2_500, entities: tasks })
  expect(await views.projectedSeq()).toBe(0)
  await writing
  expect(handed).toEqual(['part 0 of 1000', 'part 1 of 1000', 'last of 500', 'last of 500'])
  expect(await views.countTasks({}, 2_500)).toBe(2_500)
  // A batch that was given up half way leaves nothing behind.
  calls.projectPart({ part: 0, lines: JSON.stringify(sampleTask(9_000, 9_000)) })
  await views.project({ fromSeq: 2_500, toSeq: 2_600, entities: [sampleTask(2_600, 2_600)] })
  expect([await views.task('t8p8'), (await views.task('t2h8'))?.seq]).toEqual([null, 2_600])
  await views.close()
})

it('[JN6] starts anew when the file follows another log or runs ahead of this one', async () => {
  for (const about of [
    { logId: 'other', lastSeq: 100 },
    { logId: 'l', lastSeq: 4 },
  ]) {
    const path = newPath()
    const first = await openAt(path)
    await first.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 5)] })
    await first.close()
    const second = await openAt(path, about)
    expect(await second.projectedSeq()).toBe(0)
    expect(await second.task('t1')).toBeNull()
    await second.close()
  }
})

it('rejects a file that is no database', async () => {
  const path = newPath()
  writeFileSync(path, 'x'.repeat(5_000))
  await expect(openAt(path)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' })
  expect(existsSync(path)).toBe(true)
})

it('fills phase and tags of tasks that an earlier release stored', async () => {
  const path = newPath()
  const before = await openAt(path)
  const tasks = [
    sampleTask(1, 3, { outcome: 'dead_letter', tags: ['a', 'b'] }),
    sampleTask(2, 4, { outcome: 'succeeded' }),
    sampleTask(5, 6, { tags: ['a'] }),
  ]
  await before.project({ fromSeq: 0, toSeq: 9, entities: tasks })
  await before.close()
  const database = new Database(path)
  database.exec(`
    DROP TABLE config_changes;
    DROP TABLE config_states;
    DROP TABLE finished_task_tags;
    ALTER TABLE finished_tasks DROP COLUMN phase;
    DELETE FROM kysely_migration WHERE name >= '0002-phase-and-tags'`)
  database.close()
  const views = await openAt(path)
  const page = { throughSeq: 9, beforeSeq: Number.POSITIVE_INFINITY, afterSeq: 0, limit: 10 }
  const found = async (filter: TaskFilter): Promise<string[]> =>
    (await views.listTasks(filter, page)).map(({ taskId }) => taskId)
  expect(await found({ phase: 'dead_letter' })).toEqual(['t1'])
  expect(await found({ phase: 'succeeded' })).toEqual(['t2'])
  expect(await found({ tag: 'b' })).toEqual(['t1'])
  expect(await found({ tag: 'a' })).toEqual(['t1'])
  expect(await views.configChanges({}, { beforeSeq: Number.POSITIVE_INFINITY, limit: 10 })).toEqual([])
  await views.close()
})

it('copies into a keyframe what changed since the last one', async () => {
  const path = newPath()
  const views = await openAt(path)
  const finished = sampleTask(1, 3, { outcome: 'succeeded' })
  await views.project({ fromSeq: 0, toSeq: 5, entities: [finished, sampleTask(2, 5)] })
  await views.keyframe(5, 1_000)
  await views.project({ fromSeq: 5, toSeq: 9, entities: [sampleTask(2, 8), sampleTask(4, 9)] })
  await views.keyframe(9, 2_000)
  await views.close()
  expect(keyframeRows(path)).toEqual(['3 open t1', '5 9 t2', '8 open t2', '9 open t4'])
})

it('drops keyframes over age, but none that a younger one builds on', async () => {
  const path = newPath()
  const views = await openAt(path)
  await views.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 3), sampleTask(2, 5)] })
  await views.keyframe(5, 1_000)
  await views.project({ fromSeq: 5, toSeq: 9, entities: [sampleTask(2, 8)] })
  await views.keyframe(9, 2_000)
  await views.project({ fromSeq: 9, toSeq: 12, entities: [sampleTask(2, 12)] })
  await views.keyframe(12, 2_001 + limits.journalKeptMs)
  await views.close()
  expect(keyframeRows(path)).toEqual(['12 open t2', '3 open t1', '8 12 t2'])
})

it('keeps the newest sample of a node and bucket, for a day', async () => {
  const path = newPath()
  const views = await openAt(path)
  const sample = (nodeId: string, atMs: number, cpu: number) => ({
    nodeId,
    atMs,
    cpu,
    memory: 0,
    disk: 0,
    rxBytesPerS: 0,
    txBytesPerS: 0,
  })
  await views.writeSamples([sample('m1', 1_000, 0.1), sample('m1', 3_000, 0.3), sample('m1', 2_000, 0.2)])
  await views.writeSamples([sample('m2', 3_000, 0.5), sample('m1', 12_000, 0.4)])
  expect(sampleRows(path)).toEqual(['m1 3000 0.3', 'm1 12000 0.4', 'm2 3000 0.5'])
  await views.writeSamples([sample('m1', 10_000 + limits.samplesKeptMs, 0.6)])
  expect(sampleRows(path)).toEqual(['m1 12000 0.4', `m1 ${10_000 + limits.samplesKeptMs} 0.6`])
  await views.close()
})

function keyframeRows(path: string): unknown[] {
  const db = new Database(path, { readonly: true })
  const rows = db
    .prepare(
      `SELECT seq || ' ' || iif(until_seq < 9e15, until_seq, 'open') || ' ' || id FROM keyframe_rows ORDER BY 1`,
    )
    .pluck()
    .all()
  db.close()
  return rows
}

function sampleRows(path: string): unknown[] {
  const db = new Database(path, { readonly: true })
  const rows = db
    .prepare(`SELECT node_id || ' ' || at_ms || ' ' || cpu FROM samples ORDER BY node_id, at_ms`)
    .pluck()
    .all()
  db.close()
  return rows
}
