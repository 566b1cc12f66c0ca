import { join } from 'node:path'
import { limits } from '../../core/limits.js'
import type { Log } from '../../ports/log.js'
import type { Replays } from '../../ports/replays.js'
import type { Journal, Views } from '../../ports/store.js'
import type { Streams } from '../../ports/streams.js'
import type { WorkBodies } from '../../ports/work-bodies.js'
import { Ballast } from './ballast.js'
import { measureFsyncMs, prepareDataDir, syncDir } from './data-dir.js'
import { openError } from './errors.js'
import { openJournalFile, SqliteJournal } from './journal.js'
import type { JournalCalls } from './journal-thread.js'
import { LockFile } from './lock-file.js'
import type { ReplayCalls } from './replay-thread.js'
import { SqliteReplays } from './replays.js'
import { StoreThread } from './store-thread.js'
import { SqliteStreams } from './streams.js'
import type { StreamsCalls } from './streams-thread.js'
import type { ThreadData } from './thread-protocol.js'
import { SqliteViews } from './views.js'
import type { ViewsCalls } from './views-thread.js'
import { SqliteWorkBodies } from './work-bodies.js'

export interface SqliteStoreOptions {
  readonly dataDir: string
  readonly log: Log
  /** Room held for a full disk. Default limits.ballastBytes; a quarter of what is free on a small disk. */
  readonly ballastBytes?: number
}

export interface SqliteStore {
  readonly journal: Journal
  readonly views: Views
  readonly streams: Streams
  /** In streams.db too. */
  readonly workBodies: WorkBodies
  /** The past, read out of the first two. */
  readonly replays: Replays
  /** Closes all three and frees the directory for another leader. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens the embedded store: journal.db, views.db and streams.db in one directory that this process alone may use until
 * it ends. Rejects with one clear sentence (`unavailable`: another leader, a full disk; `unprocessable`: no access,
 * damage, a newer version).
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const opened: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (let undo = opened.pop(); undo !== undefined; undo = opened.pop()) await undo()
  }
  try {
    return await open(options, opened, close)
  } catch (thrown) {
    await close()
    throw openError(thrown, options.dataDir)
  }
}

async function open(
  { dataDir, log, ballastBytes = limits.ballastBytes }: SqliteStoreOptions,
  opened: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<SqliteStore> {
  const path = (name: string): string => join(dataDir, name)
  prepareDataDir(dataDir)
  const lock = new LockFile(path('lock.db'))
  opened.push(() => lock.release())
  const fsyncMs = measureFsyncMs(dataDir)

  const db = await openJournalFile(path('journal.db'))
  opened.push(() => {
    db.close()
  })
  const head = db
    .prepare<[], { logId: string; lastSeq: number }>(
      'SELECT log_id AS logId, last_seq AS lastSeq FROM meta JOIN head USING (one)',
    )
    .get()
  const { logId = '', lastSeq = 0 } = head ?? {}
  const start = async <Calls extends { [Name in keyof Calls]: (args: never) => unknown }>(
    data: ThreadData,
  ): Promise<StoreThread<Calls>> => {
    const thread = await StoreThread.start<Calls>(data)
    opened.push(() => thread.close())
    return thread
  }
  const starting = [
    start<JournalCalls>({ store: 'journal', path: path('journal.db') }),
    start<ViewsCalls>({ store: 'views', path: path('views.db'), logId, lastSeq }),
    start<StreamsCalls>({ store: 'streams', path: path('streams.db') }),
  ] as const
  await Promise.allSettled(starting)
  const [journalThread, viewsThread, streamsThread] = await Promise.all(starting)
  syncDir(dataDir)
  const ballast = new Ballast({ path: path('ballast'), bytes: ballastBytes, log })
  const journal = new SqliteJournal({ db, thread: journalThread, ballast, log, fsyncMs })
  const views = new SqliteViews(viewsThread, ballast)
  const streams = new SqliteStreams(streamsThread, ballast)
  const workBodies = new SqliteWorkBodies(streamsThread, ballast)
  const replays = new SqliteReplays(() =>
    StoreThread.start<ReplayCalls>({ store: 'replay', journal: path('journal.db'), views: path('views.db') }),
  )
  opened.push(
    () => views.close(),
    () => streams.close(),
    () => workBodies.close(),
    () => journal.close(),
    () => replays.close(),
  )
  return { journal, views, streams, workBodies, replays, close }
}
