import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { limits } from '../../core/limits.js'

export interface ResultValue {
  /** JSON text; null when the task left none, or none that counts. */
  readonly valueJson: string | null
  /** Why what it left does not count. */
  readonly valueError: string | null
}

/** What a task wrote to AGENTFLOW_RESULT_FILE: JSON of at most limits.resultValueBytesMax, at most limits.jsonDepthMax deep. */
export function readResult(path: string): ResultValue {
  let fd: number
  try {
    // A task may leave a FIFO there: opening must not wait for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    return missing ? { valueJson: null, valueError: null } : refused('cannot be read')
  }
  try {
    const file = fstatSync(fd)
    if (!file.isFile()) return refused('is not a file')
    if (file.size > limits.resultValueBytesMax) {
      return refused(`has ${file.size} bytes, at most ${limits.resultValueBytesMax} are taken`)
    }
    const text = readFileSync(fd, 'utf8').trim()
    if (text === '') return { valueJson: null, valueError: null }
    return accepted(JSON.parse(text))
  } catch {
    return refused('is not JSON')
  } finally {
    closeSync(fd)
  }
}

function accepted(value: unknown): ResultValue {
  if (depthOf(value) > limits.jsonDepthMax) {
    return refused(`is nested more than ${limits.jsonDepthMax} levels deep`)
  }
  // Written our way, so that it is as long here as wherever it is written again: 1e20 grows to 21 digits.
  const valueJson = JSON.stringify(value)
  return valueJson.length > limits.resultValueBytesMax
    ? refused(
        `has ${valueJson.length} characters when written out, at most ${limits.resultValueBytesMax} are taken`,
      )
    : { valueJson, valueError: null }
}

const refused = (why: string): ResultValue => ({
  valueJson: null,
  valueError: `The result file ${why}; the result has no value.`,
})

/** Levels of objects and arrays, 0 for a plain value. Counts level by level, so that depth costs no stack. */
function depthOf(value: unknown): number {
  let depth = 0
  let level = [value].filter(isNested)
  while (level.length > 0) {
    depth += 1
    level = level.flatMap((nested) => Object.values(nested)).filter(isNested)
  }
  return depth
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
