import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const fsyncProbes = 7
const probeBytes = 4_096

/** Creates the directory (mode 0700) when it is not there; throws when it cannot be written. */
export function prepareDataDir(dataDir: string): void {
  makeDir(dataDir)
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  readdirSync(dataDir)
}

/** Parents first. Not `recursive: true`: that never returns for a path in a file system without directories to make. */
function makeDir(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeDir(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** Makes the directory's entries durable: a file that was just created survives a power cut. */
export function syncDir(dataDir: string): void {
  const handle = openSync(dataDir, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Median ms of an append of one page and its fsync on this disk. */
export function measureFsyncMs(dataDir: string): number {
  const path = join(dataDir, 'fsync.probe')
  const handle = openSync(path, 'w')
  try {
    const page = Buffer.alloc(probeBytes)
    const times: number[] = []
    for (let probe = 0; probe < fsyncProbes; probe += 1) {
      const startMs = performance.now()
      writeSync(handle, page)
      fsyncSync(handle)
      times.push(performance.now() - startMs)
    }
    return times.sort((a, b) => a - b)[Math.floor(fsyncProbes / 2)] ?? 0
  } finally {
    closeSync(handle)
    rmSync(path, { force: true })
  }
}
