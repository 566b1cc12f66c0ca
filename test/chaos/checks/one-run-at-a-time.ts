import type { Line } from '../history.js'

/** G6, from the tasks' own side: no two runs of a task at the same time, and no run that is started twice. */
export function oneRunAtATime(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  /** Fence of the run that had the lock last, by task. */
  const newest = new Map<string, number>()
  for (const line of lines) {
    if (line.type !== 'run') continue
    const { taskId, fence, step } = line
    const holder = newest.get(taskId)
    if (step === 'busy')
      found.push(`${taskId}: run ${fence} was started while ${holder ?? 'another one'} still had the lock`)
    if (step === 'held') {
      if (holder === fence) found.push(`${taskId}: run ${fence} was started twice`)
      newest.set(taskId, fence)
    }
    if (step === 'end' && holder !== fence)
      found.push(`${taskId}: run ${fence} was still at work when ${holder ?? 'no run'} had the lock`)
  }
  return found
}
