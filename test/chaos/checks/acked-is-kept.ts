import type { Line } from '../history.js'
import { callsOf } from './calls.js'

/** G1: what was acknowledged, and what ran, is known to the end. */
export function ackedIsKept(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const mustBe = new Map<string, string>()
  const listed = new Set<string>()
  for (const line of lines) {
    if (line.type === 'submitted') mustBe.set(line.taskId, 'was acknowledged')
    if (line.type === 'run' && !mustBe.has(line.taskId)) mustBe.set(line.taskId, 'ran')
    if (line.type === 'listed') listed.add(line.task.taskId)
  }
  for (const { call, end } of callsOf(lines)) {
    if (end?.type !== 'refused' || end.code !== 'task_not_found' || call.type === 'submit') continue
    found.push(`${call.taskId} was acknowledged, and then there was no such task`)
  }
  for (const [taskId, why] of mustBe)
    if (!listed.has(taskId)) found.push(`${taskId} ${why}, and is not there at the end`)
  return found
}
