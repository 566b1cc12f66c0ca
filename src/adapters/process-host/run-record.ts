import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { HostExit } from '../../ports/task-host.js'
import { bootId } from './proc.js'

export type OutputName = 'out' | 'err'

/** Files of one run, in a folder named by its fence. */
export const runFiles = (folder: string) => ({
  record: join(folder, 'record.jsonl'),
  out: join(folder, 'out'),
  err: join(folder, 'err'),
  result: join(folder, 'result.json'),
  input: join(folder, 'input.json'),
})

const exitSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('exited'),
    exitCode: z.number().nullable(),
    signal: z.string().nullable(),
    valueJson: z.string().nullable(),
    valueError: z.string().nullable(),
  }),
  z.object({ kind: z.literal('spawn_failed'), message: z.string() }),
  z.object({ kind: z.literal('lost'), message: z.string() }),
])

const noteSchema = z.discriminatedUnion('note', [
  z.object({
    note: z.literal('run'),
    taskId: z.string(),
    attempt: z.number(),
    fence: z.number(),
    bootId: z.string().nullable(),
  }),
  z.object({ note: z.literal('started'), pid: z.number(), startTicks: z.number().nullable() }),
  z.object({
    note: z.literal('base'),
    stream: z.enum(['out', 'err']),
    base: z.number(),
    cutBytes: z.number(),
  }),
  z.object({ note: z.literal('exit'), exit: exitSchema }),
])
export type RunNote = z.infer<typeof noteSchema>

/** What a folder says of its run. */
export interface RunRecord {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
  /** The run was started under the boot that still lasts. */
  readonly sameBoot: boolean
  readonly main: { readonly pid: number; readonly startTicks: number | null } | null
  readonly base: Readonly<Record<OutputName, number>>
  /** null while it ran when its master died. */
  readonly exit: HostExit | null
}

/**
 * Appends to the record, one JSON line a note. Written, not fsynced: it must outlive the process, and after a power cut
 * nothing runs that it could speak of. Only an end that waits to be taken is worth `syncRecord`.
 */
export function note(folder: string, entry: RunNote): void {
  appendFileSync(runFiles(folder).record, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
}

export async function syncRecord(folder: string): Promise<void> {
  const file = await open(runFiles(folder).record, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Reads a record and completes a cut of a spool file that the writer's death interrupted; null when there is none. */
export function readRecord(folder: string): RunRecord | null {
  const files = runFiles(folder)
  let run: Extract<RunNote, { note: 'run' }> | null = null
  let main: RunRecord['main'] = null
  let exit: HostExit | null = null
  const base = { out: 0, err: 0 }
  const cutBytes = { out: 0, err: 0 }
  for (const entry of notesIn(files.record)) {
    switch (entry.note) {
      case 'run':
        run = entry
        break
      case 'started':
        main = { pid: entry.pid, startTicks: entry.startTicks }
        break
      case 'base':
        base[entry.stream] = entry.base
        cutBytes[entry.stream] = entry.cutBytes
        break
      case 'exit':
        exit = entry.exit
        break
    }
  }
  if (run === null || !existsSync(files.out) || !existsSync(files.err)) return null
  for (const stream of ['out', 'err'] as const) {
    const wasCutting = cutBytes[stream] > 0
    if (wasCutting && statSync(files[stream]).size >= cutBytes[stream]) truncateSync(files[stream])
  }
  const { taskId, attempt, fence } = run
  return { taskId, attempt, fence, sameBoot: bootId !== null && run.bootId === bootId, main, base, exit }
}

/** Notes in order, up to a line that is torn. */
function notesIn(path: string): readonly RunNote[] {
  if (!existsSync(path)) return []
  const notes: RunNote[] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const entry = noteSchema.safeParse(jsonOrNull(line))
    if (!entry.success) break
    notes.push(entry.data)
  }
  return notes
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
