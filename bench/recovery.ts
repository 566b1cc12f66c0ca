import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from './child.js'
import { call, startLeader } from './cluster.js'
import { type Bench, type Measurement, type Row, rowOf } from './harness.js'
import { rssMiB } from './machine.js'
import type { Filled, FillRequest } from './recovery-fill.js'

const full = { tasks: 1_000_000, open: 10_000, tailEvents: 50_000, rounds: 5 }
const quick = { tasks: 20_000, open: 1_000, tailEvents: 5_000, rounds: 1 }

interface Round {
  /** From the start of the process to the answer of a first submit. */
  readonly submitMs: number
  readonly rssMiB: number
  /** The same of a leader on an empty directory. */
  readonly emptyMs: number
  /** Processes that read the journal, behind the views and from its beginning. */
  readonly tailMs: number
  readonly journalMs: number
}

/**
 * A leader that was killed with 50,000 events after its last projection, on a log of 1,000,000 tasks: from the start of
 * the next one to the first acknowledged submit. Beside it, processes that only read the journal in order.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-recovery-'))
  const dataDir = join(folder, 'data')
  try {
    const filled = await fill({ dataDir, tasks: size.tasks, open: size.open, tailEvents: size.tailEvents })
    copyViews(dataDir, folder)
    const rounds: Round[] = []
    // The first finds a cold page cache after so much was written; it is not counted.
    for (let round = -1; round < size.rounds; round += 1) {
      copyViews(folder, dataDir)
      const { submitMs, rssMiB } = await firstSubmit(dataDir)
      const { submitMs: emptyMs } = await firstSubmit()
      const journalMs = await readJournal(dataDir, 0)
      const tailMs = await readJournal(dataDir, filled.projectedSeq)
      const one = { submitMs, rssMiB, emptyMs, tailMs, journalMs }
      console.error(`  ${JSON.stringify(one)}`)
      if (round >= 0) rounds.push(one)
    }
    return rowsOf(rounds, size, filled)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(request: FillRequest): Promise<Filled> {
  const filler = startChild('recovery-fill.js')
  const startedAt = performance.now()
  try {
    const filled = await filler.ask<Filled>(request)
    const s = Math.round((performance.now() - startedAt) / 1_000)
    console.error(`  ${request.tasks} tasks, ${filled.lastSeq} events written in ${s} s`)
    return filled
  } finally {
    filler.end()
  }
}

/** The views as they were when their last batch was written, whatever a leader has caught up with since. */
function copyViews(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(to, `views.db${suffix}`), { force: true })
    const file = join(from, `views.db${suffix}`)
    // What lies in shared memory is made anew from the log of the file.
    if (suffix !== '-shm' && existsSync(file)) copyFileSync(file, join(to, `views.db${suffix}`))
  }
}

/** Starts a leader, submits, and kills it; without a directory it ends in order, and nothing stays. */
async function firstSubmit(dataDir?: string): Promise<Pick<Round, 'submitMs' | 'rssMiB'>> {
  const startedAt = performance.now()
  const leader = await startLeader(dataDir)
  try {
    await call(leader.ready, '/api/tasks', { type: 'command', payload: { command: ['true'] } })
    return { submitMs: performance.now() - startedAt, rssMiB: rssMiB(leader.ready.pid) }
  } finally {
    await (dataDir === undefined ? leader.stop() : leader.kill())
  }
}

async function readJournal(dataDir: string, afterSeq: number): Promise<number> {
  const reader = fileURLToPath(new URL('recovery-read.js', import.meta.url))
  const startedAt = performance.now()
  const args = [reader, join(dataDir, 'journal.db'), String(afterSeq)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the reader ended with ${code}`)
  return performance.now() - startedAt
}

function rowsOf(rounds: readonly Round[], size: typeof full, { lastSeq }: Filled): readonly Row[] {
  const base = { better: 'lower', fsync: 'each-commit', unit: 'ms', bar: null } as const
  const note = `${size.tasks} tasks (${size.open} open, ${lastSeq} events), ${size.tailEvents} events not projected, killed; start of the process → first submit answered`
  const each = (value: (one: Round) => Measurement): readonly Measurement[] => rounds.map(value)
  return [
    rowOf(
      { ...base, name: 'recovery.submit', bar: 2_000, note },
      each(({ submitMs }) => ({ ours: submitMs, reference: null })),
    ),
    rowOf(
      {
        ...base,
        name: 'recovery.beside-empty',
        note: `${note} ÷ the same of a leader on an empty directory`,
      },
      each(({ submitMs, emptyMs }) => ({ ours: submitMs, reference: emptyMs })),
    ),
    rowOf(
      { ...base, name: 'recovery.beside-tail', note: `${note} ÷ a process that reads those events in order` },
      each(({ submitMs, tailMs }) => ({ ours: submitMs, reference: tailMs })),
    ),
    rowOf(
      {
        ...base,
        name: 'recovery.beside-journal',
        note: `${note} ÷ a process that reads the whole journal in order`,
      },
      each(({ submitMs, journalMs }) => ({ ours: submitMs, reference: journalMs })),
    ),
    rowOf(
      { ...base, name: 'recovery.rss', unit: 'MiB', note: 'the leader after that' },
      each(({ rssMiB }) => ({ ours: rssMiB, reference: null })),
    ),
  ]
}
