import Database from 'better-sqlite3'

/** A dying predecessor's lock is waited for this long. */
const lockWaitMs = 1_000

/**
 * The single leader of a data directory: an exclusive transaction that is held for life and freed by the system when
 * the process dies. Throws SQLITE_BUSY when another process holds it.
 */
export class LockFile {
  readonly #db: Database.Database

  constructor(path: string) {
    this.#db = new Database(path, { timeout: lockWaitMs })
    try {
      this.#db.exec('BEGIN EXCLUSIVE')
    } catch (thrown) {
      this.#db.close()
      throw thrown
    }
  }

  release(): void {
    this.#db.close()
  }
}
