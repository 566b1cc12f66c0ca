import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { StartRun } from '../../ports/task-host.js'
import { runFiles } from './run-record.js'
import { spawnError, workingDirectoryError } from './spawn-error.js'

export interface Surroundings {
  /** Folder of the run, with its output files in it. */
  readonly folder: string
  readonly dataId: string
  readonly socketPath: string
  /** What every task inherits. */
  readonly environment: Readonly<Record<string, string>>
}

/** Exactly one of the two is called, once; `failed` with one sentence, perhaps after the return. */
export interface Launched {
  readonly started: (child: ChildProcess, pid: number) => void
  readonly failed: (message: string) => void
}

/** Starts the program of a run in a session of its own, its output going straight to its files. Never throws. */
export function launch(start: StartRun, around: Surroundings, told: Launched): void {
  const cwd = start.cwd ?? process.cwd()
  const wrongDirectory = workingDirectoryError(cwd)
  if (wrongDirectory !== null) {
    told.failed(wrongDirectory)
    return
  }
  const program = start.argv?.[0] ?? 'sh'
  const env = environmentOf(start, around)
  const failed = (cause: unknown): void =>
    told.failed(spawnError(program, { cwd, searchPath: env.PATH ?? '' }, cause))
  try {
    if (start.inputsJson !== undefined)
      writeFileSync(runFiles(around.folder).input, start.inputsJson, { mode: 0o600 })
    const child = spawnWith(start, program, { cwd, env, folder: around.folder })
    if (child.pid === undefined) child.once('error', failed)
    else told.started(child, child.pid)
  } catch (cause) {
    failed(cause)
  }
}

function spawnWith(
  start: StartRun,
  program: string,
  {
    cwd,
    env,
    folder,
  }: { readonly cwd: string; readonly env: Record<string, string>; readonly folder: string },
): ChildProcess {
  const files = runFiles(folder)
  const args = start.argv?.slice(1) ?? ['-c', start.shell ?? '']
  const input = start.stdin !== null || start.stdinOpen ? 'pipe' : 'ignore'
  const out = openSync(files.out, 'a', 0o600)
  const err = openSync(files.err, 'a', 0o600)
  try {
    // `detached` gives the run its own session: a terminal's signals to the master are not for its tasks.
    return spawn(program, args, { cwd, env, detached: true, stdio: [input, out, err] })
  } finally {
    closeSync(out)
    closeSync(err)
  }
}

function environmentOf(start: StartRun, around: Surroundings): Record<string, string> {
  const marks = {
    AGENTFLOW_FENCE: String(start.fence),
    AGENTFLOW_DATA_ID: around.dataId,
    AGENTFLOW_TASK_ID: start.taskId,
    AGENTFLOW_ATTEMPT: String(start.attempt),
    AGENTFLOW_RESULT_FILE: runFiles(around.folder).result,
    AGENTFLOW_SOCKET: around.socketPath,
  }
  const input = start.inputsJson === undefined ? {} : { AGENTFLOW_INPUT_FILE: runFiles(around.folder).input }
  return { ...around.environment, ...start.env, ...marks, ...input }
}
