import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** Why a directory cannot be a task's working directory, one sentence; null when it can. */
export function workingDirectoryError(cwd: string): string | null {
  try {
    if (!statSync(cwd).isDirectory()) return `The working directory ${cwd} is not a directory.`
    accessSync(cwd, constants.X_OK)
    return null
  } catch (cause) {
    return codeOf(cause) === 'EACCES'
      ? `The working directory ${cwd} may not be entered.`
      : `The working directory ${cwd} does not exist.`
  }
}

/** One sentence for a program that could not be started. */
export function spawnError(
  program: string,
  place: { readonly cwd: string; readonly searchPath: string },
  cause: unknown,
): string {
  const code = codeOf(cause)
  switch (code) {
    case 'ENOENT':
      return isThere(program, place)
        ? `The interpreter that the program ${program} names does not exist.`
        : `The program ${program} does not exist.`
    case 'EACCES':
      return `The program ${program} may not be executed.`
    case 'ENOEXEC':
      return `The program ${program} is not one that this system can execute.`
    case 'E2BIG':
      return `The arguments and environment of ${program} are too long for this system.`
    case 'EAGAIN':
    case 'ENOMEM':
      return `This machine cannot start another process now (${code}).`
    case 'EMFILE':
    case 'ENFILE':
      return `This machine has no file descriptors left to start ${program} (${code}).`
    default:
      return `The program ${program} could not be started (${code ?? 'unknown reason'}).`
  }
}

function isThere(program: string, place: { readonly cwd: string; readonly searchPath: string }): boolean {
  const candidates = program.includes('/')
    ? [resolve(place.cwd, program)]
    : place.searchPath.split(delimiter).map((folder) => join(folder, program))
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Error code of the platform; null for anything else. */
export const codeOf = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null
