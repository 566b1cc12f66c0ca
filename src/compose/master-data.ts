import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LockFile } from '../adapters/store-sqlite/lock-file.js'
import { ControlError } from '../core/errors.js'
import type { Random } from '../ports/random.js'
import { identitySchema, openDataDir, readJsonFile, writeSecretFile } from './data-dir.js'

/** A master's own folder, held by this process alone until it ends. */
export interface MasterData {
  readonly path: string
  /** Names the folder in the environment of its tasks. */
  readonly dataId: string
  /** Higher than that of every earlier start on this folder. */
  readonly incarnation: number
  release(): void
}

const dataIdBytes = 8

/** Opens the folder; `invalid_configuration` with one sentence when another master has it or it cannot be written. */
export function openMasterData(dataDir: string, random: Random, nowMs: number): MasterData {
  const path = openDataDir(dataDir)
  const lock = lockOf(path)
  try {
    const file = join(path, 'node.json')
    const before = readJsonFile(file, identitySchema, 'identity file')
    const dataId = before?.dataId ?? random.hex(dataIdBytes)
    // The clock may have been set back since the last start.
    const incarnation = Math.max(nowMs, (before?.incarnation ?? 0) + 1)
    writeSecretFile(file, { dataId, incarnation })
    return { path, dataId, incarnation, release: () => lock.release() }
  } catch (failure) {
    lock.release()
    throw failure
  }
}

function lockOf(path: string): LockFile {
  try {
    return new LockFile(join(path, 'lock.db'))
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY'
    throw new ControlError(
      'invalid_configuration',
      isTaken
        ? `Another master runs on the data directory ${path}; stop it, or give this one a folder of its own with --data or another --id.`
        : `The data directory ${path} cannot be locked.`,
      { cause },
    )
  }
}

/** Variables of a master that are not for its tasks: where AgentFlow itself is, and secrets. */
const keptBack = /^(?:AGENTFLOW_|MASTER_URL$|ANTHROPIC_)/

/**
 * What tasks inherit: this process's environment without AgentFlow's own settings and secrets, and with a folder on the
 * PATH in which `agentflow` is this very version.
 */
export function environmentOfTasks(
  environment: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !keptBack.test(name)) kept[name] = value
  }
  const bin = commandFolder(dataDir)
  if (bin !== null) kept.PATH = kept.PATH === undefined ? bin : `${bin}:${kept.PATH}`
  return kept
}

/** null when this is not the built program, or the system has no `sh`. */
function commandFolder(dataDir: string): string | null {
  const main = fileURLToPath(new URL('../cli/main.js', import.meta.url))
  if (!existsSync(main) || process.platform === 'win32') return null
  const folder = join(dataDir, 'bin')
  const command = join(folder, 'agentflow')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(command, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(main)} "$@"\n`)
  chmodSync(command, 0o700)
  return folder
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
