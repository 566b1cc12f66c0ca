import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { median, rounded } from './harness.js'

/** What the figures were taken on, for the reader of the rows. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU'
  const memoryGiB = Math.round(totalmem() / 1024 ** 3)
  return [
    `${cpus().length} × ${model}, ${memoryGiB} GiB, Linux ${release()}`,
    `Node ${process.version}, V8 ${process.versions.v8}, SQLite module ${packageVersion('better-sqlite3')}`,
    `fsync p50 of ${tmpdir()}: ${rounded(fsyncMs())} ms`,
  ].join('\n')
}

/** CPU time of a process, all its threads, in ms; NaN when it is gone. Counted by the scheduler in ns. */
export function cpuMs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const ns = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    return ns.reduce((sum, value) => sum + value, 0) / 1e6
  } catch {
    return Number.NaN
  }
}

/** Resident memory of a process, in MiB. */
export const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

function fsyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-fsync-'))
  const file = openSync(join(folder, 'probe'), 'w')
  try {
    return median(
      Array.from({ length: 50 }, () => {
        writeSync(file, Buffer.alloc(4096, 1))
        const startedAt = performance.now()
        fsyncSync(file)
        return performance.now() - startedAt
      }),
    )
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}

function packageVersion(name: string): string {
  const path = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
  return String(JSON.parse(readFileSync(path, 'utf8')).version)
}
