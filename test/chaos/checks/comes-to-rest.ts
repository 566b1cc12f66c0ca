import type { Line } from '../history.js'
import { isFinal } from './phases.js'

/** Every task comes to its end within a bound after the last fault. */
export function comesToRest(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const begin = lines.find((line) => line.type === 'begin')
  const healed = lines.find((line) => line.type === 'healed')
  const rested = lines.find((line) => line.type === 'rested')
  if (begin !== undefined && healed !== undefined) {
    const tookMs = rested === undefined ? Number.POSITIVE_INFINITY : rested.mono - healed.mono
    if (tookMs > begin.restMsMax) found.push(`no rest within ${begin.restMsMax} ms after the last fault`)
  }
  for (const line of lines)
    if (line.type === 'listed' && !isFinal(line.task))
      found.push(`${line.task.taskId} is left as ${line.task.phase}`)
  return found
}
