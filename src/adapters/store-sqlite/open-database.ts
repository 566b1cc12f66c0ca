import Database from 'better-sqlite3'
import { ControlError } from '../../core/errors.js'

/** A foreign reader or a backup may hold a lock this long before a statement fails. */
const busyTimeoutMs = 2_000
const synchronousLevels = { normal: 1, full: 2 } as const

/** Opens a file in WAL mode with this `synchronous`, both read back: a disk that cannot keep the promise is refused. */
export function openDatabase(path: string, synchronous: keyof typeof synchronousLevels): Database.Database {
  const db = new Database(path, { timeout: busyTimeoutMs })
  try {
    const mode = db.pragma('journal_mode = WAL', { simple: true })
    db.pragma(`synchronous = ${synchronous}`)
    const level = db.pragma('synchronous', { simple: true })
    if (mode !== 'wal' || level !== synchronousLevels[synchronous]) {
      throw new ControlError(
        'unprocessable',
        `${path} cannot be opened with a write-ahead log and synchronous=${synchronous}; use a local disk.`,
      )
    }
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}
