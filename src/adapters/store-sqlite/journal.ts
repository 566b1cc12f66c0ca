import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { assert } from '../../core/assert.js'
import { limits } from '../../core/limits.js'
import type { Log } from '../../ports/log.js'
import type { AppendOutcome, EncodedEvent, Group, Head, Journal } from '../../ports/store.js'
import type { Ballast } from './ballast.js'
import { isBusy, isFull } from './errors.js'
import { chunksOf } from './journal-chunks.js'
import { type JournalTables, journalMigrations, refuseNewer, supported } from './journal-schema.js'
import type { CheckpointResult, JournalCalls } from './journal-thread.js'
import { openDatabase } from './open-database.js'
import { migrate, queries } from './queries.js'
import type { Caller } from './store-thread.js'
import { type FileSync, WalSync } from './wal-sync.js'

/** Pages that a commit writes to the log beside its events: head, last leaf, interior. */
const commitPages = 3
const pageBytes = 4_096

/** A larger group leaves the thread free while the disk takes it; for a smaller one the hand-over would be the longer part. */
const eventsSyncedHere = 8
/** A disk slower than this is never waited for in the thread. */
const fsyncHereMs = 1

/**
 * The log in journal.db. Appends are prepared statements on the calling thread in one synchronous transaction: a commit
 * there costs half of what a hand-over to a thread does. Its one fsync is ours to make (see WalSync). Reads and
 * checkpoints are another thread's.
 * Invariant: nothing that the disk may still lose is told: not by `append`, not by `read`.
 */
export class SqliteJournal implements Journal {
  readonly durability: { readonly mode: 'each-commit'; readonly fsyncMs: number }
  readonly #db: Database
  readonly #sql: Kysely<JournalTables>
  readonly #thread: Caller<JournalCalls>
  readonly #ballast: Ballast
  readonly #log: Log
  readonly #wal: FileSync
  /** First seq of the group whose fsync is under way. */
  #unsyncedSeq = Number.POSITIVE_INFINITY
  readonly #begin: Statement<[]>
  readonly #moveHead: Statement<[number, number, number, number]>
  readonly #insert: Statement<[number, number, number, string]>
  readonly #commit: Statement<[]>
  readonly #rollback: Statement<[]>
  /** Estimate of what was written to the WAL since the last checkpoint was asked for. */
  #walBytes = 0
  #checkpointing = false
  /** An fsync that failed, or a checkpoint for another reason than space: a page may be lost, so nothing more is acked. */
  #broken: unknown = null
  #closing: Promise<void> | null = null

  constructor(options: {
    db: Database
    thread: Caller<JournalCalls>
    ballast: Ballast
    log: Log
    fsyncMs: number
    /** Of the write-ahead log. Default: the file beside `db`. */
    wal?: FileSync
  }) {
    const { db } = options
    this.#db = db
    this.#wal = options.wal ?? new WalSync(db.name)
    this.#sql = queries<JournalTables>(db)
    this.#thread = options.thread
    this.#ballast = options.ballast
    this.#log = options.log
    this.durability = { mode: 'each-commit', fsyncMs: options.fsyncMs }
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#moveHead = db.prepare('UPDATE head SET term = ?, last_seq = ? WHERE term = ? AND last_seq = ?')
    this.#insert = db.prepare('INSERT INTO chunks (last_seq, first_seq, at_ms, lines) VALUES (?, ?, ?, ?)')
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
  }

  get spaceLow(): boolean {
    return this.#ballast.spaceLow
  }

  async head(): Promise<Head> {
    const row = await this.#sql
      .selectFrom('meta')
      .innerJoin('head', 'head.one', 'meta.one')
      .select(['cluster_id', 'log_id', 'term', 'last_seq'])
      .executeTakeFirstOrThrow()
    return { clusterId: row.cluster_id, logId: row.log_id, term: row.term, lastSeq: row.last_seq }
  }

  async takeOver(group: Group, previousTerm: number): Promise<AppendOutcome> {
    assert(group.term > previousTerm, `take-over from term ${previousTerm} to ${group.term}`)
    return this.#durably(group, previousTerm)
  }

  append(group: Group): Promise<AppendOutcome> {
    return this.#durably(group, group.term)
  }

  async read(afterSeq: number, limit: number): Promise<readonly EncodedEvent[]> {
    const events: EncodedEvent[] = []
    while (events.length < limit) {
      const pageLimit = Math.min(limits.readerRowsMax, limit - events.length)
      const page = await this.#thread.call('read', {
        afterSeq: events.at(-1)?.seq ?? afterSeq,
        limit: pageLimit,
      })
      events.push(...page)
      if (page.length < pageLimit) break
    }
    const unsyncedSeq = this.#unsyncedSeq
    return (events.at(-1)?.seq ?? 0) < unsyncedSeq ? events : events.filter(({ seq }) => seq < unsyncedSeq)
  }

  async firstSeq(): Promise<number> {
    const oldest = await this.#sql
      .selectFrom('chunks')
      .select('first_seq')
      .orderBy('last_seq')
      .limit(1)
      .executeTakeFirst()
    return oldest?.first_seq ?? (await this.head()).lastSeq + 1
  }

  async retain(options: { beforeSeq: number; olderThanMs: number; bytesMax: number }): Promise<boolean> {
    const oldest = await this.#sql
      .selectFrom('chunks')
      .select(['last_seq', 'first_seq', 'at_ms'])
      .where('last_seq', '<', options.beforeSeq)
      .orderBy('last_seq')
      .limit(limits.retentionRowsPerStep)
      .execute()
    const tooLarge = this.#usedBytes() > options.bytesMax
    const firstSeq = oldest[0]?.first_seq ?? 0
    const due = oldest.filter(({ at_ms }) => tooLarge || at_ms < options.olderThanMs)
    const step = due.filter(
      ({ last_seq }, index) => index === 0 || last_seq - firstSeq < limits.retentionRowsPerStep,
    )
    const last = step.at(-1)
    if (last === undefined) return false
    try {
      await this.#sql.deleteFrom('chunks').where('last_seq', '<=', last.last_seq).execute()
    } catch (thrown) {
      if (!isFull(thrown)) throw thrown
      this.#ballast.free()
      return false
    }
    this.#wrote(step.length * pageBytes)
    return step.length < due.length || oldest.length === limits.retentionRowsPerStep
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#thread.close()
      await this.#ballast.close()
      await this.#wal.close()
      this.#db.close()
    })()
    return this.#closing
  }

  async #durably(group: Group, expectedTerm: number): Promise<AppendOutcome> {
    if (this.#broken !== null) throw this.#broken
    const outcome = this.#write(group, expectedTerm)
    if (outcome.kind !== 'committed') return outcome
    try {
      if (group.events.length <= eventsSyncedHere && this.durability.fsyncMs <= fsyncHereMs) this.#wal.now()
      else {
        this.#unsyncedSeq = group.firstSeq
        await this.#wal.beside()
        this.#unsyncedSeq = Number.POSITIVE_INFINITY
      }
    } catch (failure) {
      // The system may have dropped the pages: another fsync that succeeds would prove nothing.
      this.#broken = failure
      throw failure
    }
    return outcome
  }

  #write(group: Group, expectedTerm: number): AppendOutcome {
    const lastSeq = group.firstSeq + group.events.length - 1
    assert(
      group.events.length > 0 && group.events.at(-1)?.seq === lastSeq,
      'a group is gapless and not empty',
    )
    let chars = 0
    try {
      this.#begin.run()
      if (this.#moveHead.run(group.term, lastSeq, expectedTerm, group.firstSeq - 1).changes === 0) {
        this.#rollback.run()
        return { kind: 'deposed' }
      }
      for (const chunk of chunksOf(group.events)) {
        this.#insert.run(chunk.lastSeq, chunk.firstSeq, chunk.atMs, chunk.lines)
        chars += chunk.lines.length
      }
      this.#commit.run()
    } catch (thrown) {
      if (this.#db.inTransaction) this.#rollback.run()
      if (!isFull(thrown)) throw thrown
      this.#ballast.free()
      this.#startCheckpoint()
      return { kind: 'full' }
    }
    this.#wrote(chars)
    return { kind: 'committed', seq: lastSeq }
  }

  #wrote(bytes: number): void {
    this.#walBytes += (Math.ceil(bytes / pageBytes) + commitPages) * pageBytes
    if (this.#walBytes >= limits.checkpointWalBytes) this.#startCheckpoint()
  }

  #startCheckpoint(): void {
    if (this.#checkpointing || this.#closing !== null) return
    this.#walBytes = 0
    this.#checkpointing = true
    void this.#checkpoint().finally(() => {
      this.#checkpointing = false
    })
  }

  /** Never rejects: a failure is kept and ends the next append. */
  async #checkpoint(): Promise<void> {
    try {
      const result = await this.#thread.call('checkpoint', {})
      if (this.#closing === null) this.#truncate(result)
    } catch (thrown) {
      if (this.#closing !== null) return
      if (isFull(thrown)) {
        this.#ballast.free()
        return
      }
      this.#log.error('the checkpoint of the journal failed', { error: thrown })
      this.#broken = thrown
    }
  }

  /**
   * Under steady load a passive checkpoint never reaches the last frame, so the WAL only grows. Between two groups the
   * few frames left are copied here and the file is cut (at once when space is short); a reader in the way means
   * another try after the next one.
   */
  #truncate(result: CheckpointResult): void {
    if (result.walPages * pageBytes < limits.truncateWalBytes && !this.spaceLow) return
    const timeoutMs = this.#db.pragma('busy_timeout', { simple: true })
    this.#db.pragma('busy_timeout = 0')
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown
    } finally {
      this.#db.pragma(`busy_timeout = ${String(timeoutMs)}`)
    }
  }

  #usedBytes(): number {
    const pages = this.#db.pragma('page_count', { simple: true }) as number
    const free = this.#db.pragma('freelist_count', { simple: true }) as number
    return (pages - free) * pageBytes
  }
}

/** Opens journal.db and brings it up to date; makes clusterId, logId and the head on first use. */
export async function openJournalFile(path: string): Promise<Database> {
  const db = openDatabase(path, 'normal')
  try {
    refuseNewer(db, path)
    db.pragma('wal_autocheckpoint = 0')
    const sql = queries<JournalTables>(db)
    await migrate(sql, journalMigrations)
    await sql.transaction().execute(async (within) => {
      const clusterId = `c-${randomBytes(8).toString('hex')}`
      const logId = `l-${randomBytes(8).toString('hex')}`
      await within
        .insertInto('meta')
        .values({
          one: 1,
          cluster_id: clusterId,
          log_id: logId,
          format: supported.format,
          feature_level: supported.featureLevel,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await within
        .insertInto('head')
        .values({ one: 1, term: 0, last_seq: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}
