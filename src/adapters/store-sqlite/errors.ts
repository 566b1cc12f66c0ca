import { ControlError } from '../../core/errors.js'

const hasCode = (thrown: unknown): thrown is { readonly code: string } =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'

/** SQLite's extended result code or the system's errno name; '' for anything else. */
const codeOf = (thrown: unknown): string => (hasCode(thrown) ? thrown.code : '')

/** The disk has no room: the same write may succeed later. */
export const isFull = (thrown: unknown): boolean =>
  ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(codeOf(thrown))

/** Another connection or process holds the file. */
export const isBusy = (thrown: unknown): boolean => codeOf(thrown).startsWith('SQLITE_BUSY')

/** What could not be opened, in one sentence that says what to do. Other errors are kept as they are. */
export function openError(thrown: unknown, dataDir: string): unknown {
  if (thrown instanceof ControlError) return thrown
  const code = codeOf(thrown)
  if (isBusy(thrown)) {
    return new ControlError(
      'unavailable',
      `Another leader already uses the data directory ${dataDir}; stop it, or choose another directory with --data.`,
      { cause: thrown },
    )
  }
  if (isFull(thrown)) {
    return new ControlError('unavailable', `The disk that holds ${dataDir} is full.`, { cause: thrown })
  }
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) {
    return new ControlError(
      'unprocessable',
      `A store file in ${dataDir} is damaged or not AgentFlow's; restore the directory from a backup.`,
      { cause: thrown },
    )
  }
  if (
    /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code) ||
    /^(EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EEXIST|EISDIR)$/.test(code)
  ) {
    return new ControlError(
      'unprocessable',
      `The data directory ${dataDir} cannot be written; check its owner and mode, or choose another with --data.`,
      { cause: thrown },
    )
  }
  return thrown
}
