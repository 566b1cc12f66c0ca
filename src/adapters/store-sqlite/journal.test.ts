import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import { callHere } from '../../testing/call-here.js'
import { groupOf, type JournalHarness, journalContract } from '../../testing/journal-contract.js'
import { silentLog } from '../../testing/silent-log.js'
import { Ballast } from './ballast.js'
import { openJournalFile, SqliteJournal } from './journal.js'
import { type JournalCalls, openJournalThread } from './journal-thread.js'
import type { FileSync } from './wal-sync.js'

let root: string
let opened = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'agentflow-journal-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function newDir(): string {
  opened += 1
  const dir = join(root, String(opened))
  mkdirSync(dir)
  return dir
}

async function openIn(dir: string, options: { readonly wal?: FileSync; readonly fsyncMs?: number } = {}) {
  const path = join(dir, 'journal.db')
  const db = await openJournalFile(path)
  const ballast = new Ballast({ path: join(dir, 'ballast'), bytes: 4_096, log: silentLog })
  const thread = callHere<JournalCalls>(openJournalThread(path))
  return { db, journal: new SqliteJournal({ db, thread, ballast, log: silentLog, fsyncMs: 0.1, ...options }) }
}

async function harnessIn(dir: string): Promise<JournalHarness> {
  const { journal } = await openIn(dir)
  return {
    journal,
    close: () => journal.close(),
    reopen: async () => {
      await journal.close()
      return harnessIn(dir)
    },
    // What a power cut leaves: the files as they are on disk, without the memory that is shared between connections.
    crash: async () => {
      const image = newDir()
      for (const file of ['journal.db', 'journal.db-wal']) {
        if (existsSync(join(dir, file))) copyFileSync(join(dir, file), join(image, file))
      }
      await journal.close()
      return harnessIn(image)
    },
  }
}

journalContract('sqlite', () => harnessIn(newDir()))

it('[JN4] opens the log with WAL, read back, and says that it is durable at each commit', async () => {
  const { db, journal } = await openIn(newDir())
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(db.pragma('synchronous', { simple: true })).toBe(1)
  expect(journal.durability).toEqual({ mode: 'each-commit', fsyncMs: 0.1 })
  await journal.close()
})

/** A disk that takes what it is asked to when it is told to, and says how it was asked. */
function slowDisk() {
  const asked: ('now' | 'beside')[] = []
  const waiting: { readonly resolve: () => void; readonly reject: (failure: Error) => void }[] = []
  const wal: FileSync = {
    now: () => void asked.push('now'),
    beside: () => {
      asked.push('beside')
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    close: async () => undefined,
  }
  return { wal, asked, waiting }
}

it.each([
  ['few events on a fast disk', 8, 0.1, 'now'],
  ['many events', 9, 0.1, 'beside'],
  ['few events on a slow disk', 1, 5, 'beside'],
] as const)('[JN4] asks the disk once a commit: %s', async (_, count, fsyncMs, how) => {
  const { wal, asked, waiting } = slowDisk()
  const { journal } = await openIn(newDir(), { wal, fsyncMs })
  const outcome = journal.takeOver(groupOf(1, 1, count), 0)
  for (const { resolve } of waiting) resolve()
  expect(await outcome).toEqual({ kind: 'committed', seq: count })
  expect(asked).toEqual([how])
  await journal.close()
})

it('[JN4] tells nobody of a group that the disk has not taken', async () => {
  const { wal, waiting } = slowDisk()
  const { journal } = await openIn(newDir(), { wal })
  await journal.takeOver(groupOf(1, 1, 1), 0)
  let isTold = false
  const appended = journal.append(groupOf(1, 2, 20)).then((outcome) => {
    isTold = true
    return outcome
  })
  expect((await journal.read(0, 100)).map(({ seq }) => seq)).toEqual([1])
  expect(isTold).toBe(false)
  waiting[0]?.resolve()
  expect(await appended).toEqual({ kind: 'committed', seq: 21 })
  expect(await journal.read(0, 100)).toHaveLength(21)
  await journal.close()
})

it('[JN4] takes nothing more once the disk failed', async () => {
  const { wal, waiting } = slowDisk()
  const { journal } = await openIn(newDir(), { wal })
  await journal.takeOver(groupOf(1, 1, 1), 0)
  const appended = journal.append(groupOf(1, 2, 20))
  waiting[0]?.reject(new Error('EIO'))
  await expect(appended).rejects.toThrow('EIO')
  await expect(journal.append(groupOf(1, 22, 1))).rejects.toThrow('EIO')
  expect((await journal.head()).lastSeq).toBe(21)
  await journal.close()
})

it('[JN4] keeps whole groups, and every acked one, wherever a power cut tears the write-ahead log', async () => {
  const dir = newDir()
  const { journal } = await openIn(dir)
  const walPath = join(dir, 'journal.db-wal')
  // The size of the log when each group was acked, and the head that was acked.
  const acks = [{ walBytes: statSync(walPath).size, lastSeq: 0 }]
  for (let firstSeq = 1; firstSeq < 60; ) {
    const group = groupOf(1, firstSeq, 1 + (firstSeq % 7), 'x'.repeat(300))
    await (firstSeq === 1 ? journal.takeOver(group, 0) : journal.append(group))
    firstSeq += group.events.length
    acks.push({ walBytes: statSync(walPath).size, lastSeq: firstSeq - 1 })
  }
  const [db, wal] = [readFileSync(join(dir, 'journal.db')), readFileSync(walPath)]
  await journal.close()
  const heads = new Set(acks.map((ack) => ack.lastSeq))
  for (let cut = acks[0]?.walBytes ?? 0; cut <= wal.length; cut += 5_003) {
    const image = newDir()
    writeFileSync(join(image, 'journal.db'), db)
    writeFileSync(join(image, 'journal.db-wal'), wal.subarray(0, cut))
    const torn = await openIn(image)
    const { lastSeq } = await torn.journal.head()
    expect(heads).toContain(lastSeq)
    expect(lastSeq).toBeGreaterThanOrEqual(acks.findLast((ack) => ack.walBytes <= cut)?.lastSeq ?? 0)
    expect(await torn.journal.read(0, 100)).toHaveLength(lastSeq)
    await torn.journal.close()
  }
}, 60_000)

it('[JN5] refuses a newer format or feature level in one sentence and changes nothing', async () => {
  for (const column of ['format', 'feature_level']) {
    const dir = newDir()
    const { journal } = await openIn(dir)
    await journal.takeOver(groupOf(1, 1, 1), 0)
    await journal.close()
    const path = join(dir, 'journal.db')
    const db = new Database(path)
    db.exec(`UPDATE meta SET ${column} = 99`)
    db.close()
    const before = readFileSync(path)
    await expect(openJournalFile(path)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('newer AgentFlow'),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
  }
})

it('[JN9] answers `full` without space, frees the ballast, and takes the same group again', async () => {
  const dir = newDir()
  const { db, journal } = await openIn(dir)
  await journal.takeOver(groupOf(1, 1, 1), 0)
  const ballast = join(dir, 'ballast')
  await expect.poll(() => existsSync(ballast), { timeout: 20_000 }).toBe(true)
  const pages = db.pragma('page_count', { simple: true })
  db.pragma(`max_page_count = ${String(pages)}`)
  const group = groupOf(1, 2, 200, 'x'.repeat(1_000))
  expect(await journal.append(group)).toEqual({ kind: 'full' })
  expect(journal.spaceLow).toBe(true)
  expect(existsSync(ballast)).toBe(false)
  expect(await journal.head()).toMatchObject({ lastSeq: 1 })
  db.pragma('max_page_count = 1000000')
  expect(await journal.append(group)).toEqual({ kind: 'committed', seq: 201 })
  await journal.close()
})

it('rejects when the file fails under it', async () => {
  const { db, journal } = await openIn(newDir())
  await journal.takeOver(groupOf(1, 1, 1), 0)
  db.exec('DROP TABLE chunks')
  await expect(journal.append(groupOf(1, 2, 1))).rejects.toMatchObject({ code: 'SQLITE_ERROR' })
  expect(db.inTransaction).toBe(false)
  await journal.close()
})

it('keeps the write-ahead log bounded under load', async () => {
  const dir = newDir()
  const { journal } = await openIn(dir)
  await journal.takeOver(groupOf(1, 1, 1), 0)
  const text = 'x'.repeat(64 * 1024)
  let largestWalBytes = 0
  for (let seq = 2; seq < 2_500; seq += 20) {
    await journal.append(groupOf(1, seq, 20, text))
    await new Promise((resolve) => setImmediate(resolve))
    largestWalBytes = Math.max(largestWalBytes, readFileSync(join(dir, 'journal.db-wal')).byteLength)
  }
  expect(largestWalBytes).toBeGreaterThan(limits.checkpointWalBytes)
  expect(largestWalBytes).toBeLessThan(limits.truncateWalBytes + 3 * limits.checkpointWalBytes)
  await journal.close()
}, 60_000)
