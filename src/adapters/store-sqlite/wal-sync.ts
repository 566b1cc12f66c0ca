import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'

/** Makes durable what was written to a file. Rejects, or throws, when the disk did not take it. */
export interface FileSync {
  /** Stands in this thread until it is done: the shortest way for what is small. */
  now(): void
  /** Leaves this thread free meanwhile. */
  beside(): Promise<void>
  /** Waits for what is under way. */
  close(): Promise<void>
}

/**
 * The fsync of a commit, which SQLite with synchronous=NORMAL leaves out and with FULL would make in the committing
 * thread. Opened when the write-ahead log is there; that file stays the same one while a connection is open, and SQLite
 * keeps no lock on it that closing this handle could free.
 */
export class WalSync implements FileSync {
  readonly #handle: number
  #underWay: Promise<void> = Promise.resolve()

  constructor(databasePath: string) {
    this.#handle = openSync(`${databasePath}-wal`, 'r+')
  }

  now(): void {
    fdatasyncSync(this.#handle)
  }

  beside(): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      fdatasync(this.#handle, (failure) => (failure === null ? resolve() : reject(failure)))
    })
    this.#underWay = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#underWay
    closeSync(this.#handle)
  }
}
