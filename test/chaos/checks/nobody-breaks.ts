import type { Line } from '../history.js'

/** What a client may be told while everything around it fails. */
const expected: readonly string[] = [
  'unavailable',
  'outcome_unknown',
  'deadline_exceeded',
  'wrong_phase',
  'idempotency_conflict',
  'task_not_found',
]

/** No process ends but by a fault, one that is asked to leave does so in order, and no call is answered with a defect. */
export function nobodyBreaks(lines: readonly Line[]): readonly string[] {
  return lines.flatMap((line) => {
    if (line.type === 'process' && line.state === 'ended' && !line.asked)
      return [`${line.name} (${line.pid}) ended by itself: ${line.how}`]
    if (line.type === 'process' && /^exit code [^0]/.test(line.how))
      return [`${line.name} (${line.pid}) did not leave in order: ${line.how}`]
    if ((line.type === 'refused' || line.type === 'unknown') && !expected.includes(line.code))
      return [`call ${line.op} was answered ${line.code}`]
    return []
  })
}
