import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Origin } from '../../core/event.js'
import { limits } from '../../core/limits.js'
import type { CrashNotes } from '../../ports/crash-notes.js'
import type { Log } from '../../ports/log.js'

const notesSchema = z.array(
  z.object({
    nodeId: z.string(),
    incarnation: z.number().int(),
    uplinkSeq: z.number().int(),
    count: z.number().int(),
  }),
)
type Note = z.infer<typeof notesSchema>[number]

/**
 * CrashNotes as a small JSON file, written whole or not at all. The newest limits.crashNotesKept are kept. A file that
 * cannot be read is warned of and counts as empty: what it knew is found out again, and the leader starts.
 */
export class CrashNotesFile implements CrashNotes {
  readonly #path: string
  #notes: readonly Note[]

  constructor(path: string, log: Log) {
    this.#path = path
    this.#notes = read(path, log)
  }

  count(origin: Origin): number {
    return this.#notes.find(isAbout(origin))?.count ?? 0
  }

  note(origin: Origin): void {
    const { nodeId, incarnation, uplinkSeq } = origin
    const others = this.#notes.filter((note) => !isAbout(origin)(note))
    const noted = { nodeId, incarnation, uplinkSeq, count: this.count(origin) + 1 }
    this.#notes = [...others, noted].slice(-limits.crashNotesKept)
    replace(this.#path, JSON.stringify(this.#notes))
  }
}

const isAbout =
  (origin: Origin) =>
  (note: Note): boolean =>
    note.uplinkSeq === origin.uplinkSeq &&
    note.incarnation === origin.incarnation &&
    note.nodeId === origin.nodeId

function read(path: string, log: Log): readonly Note[] {
  try {
    return notesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (!isMissing) log.warn('the notes of crashes cannot be read and begin anew', { path, error: cause })
    return []
  }
}

/** On disk when it returns: the content before the name, and the name before the return. */
function replace(path: string, content: string): void {
  const partial = `${path}.tmp`
  writeFileSync(partial, content, { mode: 0o600 })
  sync(partial)
  renameSync(partial, path)
  sync(dirname(path))
}

function sync(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
