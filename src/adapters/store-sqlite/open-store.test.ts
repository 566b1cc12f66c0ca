import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import { sampleTask } from '../../testing/entity-samples.js'
import { groupOf } from '../../testing/journal-contract.js'
import { silentLog } from '../../testing/silent-log.js'
import { openJournalFile } from './journal.js'
import { LockFile } from './lock-file.js'
import { openSqliteStore } from './open-store.js'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'agentflow-store-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const openIn = (dataDir: string) => openSqliteStore({ dataDir, log: silentLog, ballastBytes: 4_096 })

async function refusal(dataDir: string): Promise<ControlError> {
  const thrown: unknown = await openIn(dataDir).then(
    async (store) => {
      await store.close()
      return null
    },
    (error: unknown) => error,
  )
  if (!(thrown instanceof ControlError)) throw new Error('expected a ControlError', { cause: thrown })
  return thrown
}

it('opens three files over threads, works, and opens again with everything kept', async () => {
  const dataDir = join(root, 'deep', 'er')
  const first = await openIn(dataDir)
  const head = await first.journal.head()
  await first.journal.takeOver(groupOf(1, 1, 3), 0)
  expect(await first.journal.read(1, 10)).toHaveLength(2)
  await first.views.project({ fromSeq: 0, toSeq: 3, entities: [sampleTask(1, 3)] })
  await first.streams.appendLines({
    lines: [],
    heads: [{ taskId: 't1', fence: 2, stream: 'out', offset: 5, n: 0 }],
  })
  expect(first.journal.durability.mode).toBe('each-commit')
  expect(first.journal.durability.fsyncMs).toBeGreaterThan(0)
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  await first.close()
  await first.close()

  const second = await openIn(dataDir)
  expect(await second.journal.head()).toEqual({ ...head, term: 1, lastSeq: 3 })
  expect(await second.views.task('t1')).toEqual(sampleTask(1, 3))
  expect(await second.streams.lineHeads([2])).toHaveLength(1)
  await second.close()
  expect(existsSync(join(dataDir, 'fsync.probe'))).toBe(false)
}, 60_000)

it('tells a caller of a closed or overfull thread so, and passes errors over', async () => {
  const store = await openIn(join(root, 'calls'))
  await expect(store.views.project({ fromSeq: 7, toSeq: 8, entities: [] })).rejects.toThrow('through 7')
  const calls = Array.from({ length: limits.storeCallsMax + 1 }, () => store.views.projectedSeq())
  const settled = await Promise.allSettled(calls)
  expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(limits.storeCallsMax)
  expect(settled.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'resource_exhausted' } })
  expect(await store.views.projectedSeq()).toBe(0)
  await store.close()
  await expect(store.views.projectedSeq()).rejects.toMatchObject({ code: 'unavailable' })
}, 60_000)

it('[JN8] refuses a data directory that another leader uses, until that one is dead', async () => {
  const dataDir = join(root, 'locked')
  mkdirSync(dataDir)
  const holder = `
    const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'))})
    const db = new Database(${JSON.stringify(join(dataDir, 'lock.db'))})
    db.exec('BEGIN EXCLUSIVE')
    console.log('held')
    setInterval(() => db.open, 1000)
  `
  const child = spawn(process.execPath, ['-e', holder], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(await refusal(dataDir)).toMatchObject({
    code: 'unavailable',
    message: `Another leader already uses the data directory ${dataDir}; stop it, or choose another directory with --data.`,
  })
  expect(existsSync(join(dataDir, 'journal.db'))).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  new LockFile(join(dataDir, 'lock.db')).release()
})

it('[JN8] refuses a directory that cannot be written, in one sentence', async () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  for (const dataDir of [file, join(file, 'below'), '/proc/agentflow']) {
    expect(await refusal(dataDir)).toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining(`The data directory ${dataDir} cannot be written`),
    })
  }
})

it('[JN8] refuses a damaged file in one sentence and lets the directory go', async () => {
  const dataDir = join(root, 'damaged')
  mkdirSync(dataDir)
  const path = join(dataDir, 'streams.db')
  writeFileSync(path, 'x'.repeat(5_000))
  expect(await refusal(dataDir)).toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('is damaged'),
  })
  new LockFile(join(dataDir, 'lock.db')).release()
}, 60_000)

it('[JN5] refuses data of a newer version and lets the directory go', async () => {
  const dataDir = join(root, 'newer')
  mkdirSync(dataDir)
  const db = await openJournalFile(join(dataDir, 'journal.db'))
  db.exec('UPDATE meta SET format = 2')
  db.close()
  expect(await refusal(dataDir)).toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('was written by a newer AgentFlow (format 2'),
  })
  new LockFile(join(dataDir, 'lock.db')).release()
})
