import type { Line } from '../history.js'
import { callsOf } from './calls.js'

/** G2: a key makes one task, once, and holds for one body. */
export function oneTaskPerKey(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const taskOf = new Map<string, string>()
  const is = (key: string, taskId: string, where: string): void => {
    const known = taskOf.get(key)
    if (known === undefined) taskOf.set(key, taskId)
    else if (known !== taskId) found.push(`${key} is ${known}, and ${where} is ${taskId}`)
  }
  const [made, bodies, asked] = [new Set<string>(), new Map<string, string>(), new Map<string, Set<string>>()]
  for (const { call, end } of callsOf(lines)) {
    if (call.type !== 'submit') continue
    asked.set(call.key, (asked.get(call.key) ?? new Set()).add(call.body))
    if (end?.type === 'refused' && end.code === 'idempotency_conflict' && asked.get(call.key)?.size === 1)
      found.push(`${call.key} was refused as a conflict, and had one body only`)
    if (end?.type !== 'submitted') continue
    is(call.key, end.taskId, 'by an answer')
    if (end.created && made.has(call.key)) found.push(`${call.key} was created twice`)
    if (end.created) made.add(call.key)
    const body = bodies.get(call.key) ?? call.body
    if (body !== call.body) found.push(`${call.key} was taken with two bodies`)
    bodies.set(call.key, body)
  }
  for (const line of lines) {
    if (line.type === 'run') is(line.key, line.taskId, 'by a program')
    if (line.type === 'listed' && line.task.key !== null) is(line.task.key, line.task.taskId, 'in the list')
  }
  return found
}
