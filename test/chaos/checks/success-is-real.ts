import { isDeepStrictEqual } from 'node:util'
import type { Line, Seen } from '../history.js'

/** G5: a task that is told to have succeeded ran to its end, in the run that is named, and left the result that is told. */
export function successIsReal(lines: readonly Line[]): readonly string[] {
  const found = new Set<string>()
  const ended = new Set<string>()
  for (const line of lines) {
    if (line.type === 'run' && line.step === 'end') ended.add(`${line.taskId} ${line.fence}`)
    const task: Seen | null =
      line.type === 'answered' || line.type === 'watched' || line.type === 'listed' ? line.task : null
    if (task?.phase !== 'succeeded') continue
    if (!ended.has(`${task.taskId} ${task.fence}`))
      found.add(`${task.taskId} has succeeded in run ${task.fence}, which never came to its end`)
    if (!isDeepStrictEqual(task.value, { fence: task.fence }))
      found.add(`${task.taskId} has the result ${JSON.stringify(task.value)}, and its run was ${task.fence}`)
  }
  return [...found]
}
