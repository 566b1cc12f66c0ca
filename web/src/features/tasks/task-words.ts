import type { Task } from '../../live/protocol.js'
import type { Translate } from '../../ui/translation.js'

/** The word for where a task stands; what needs a person goes before its phase. */
export function phaseWord(task: Task, t: Translate): string {
  if (task.stall !== null && task.status === 'running') return t(`stall.${task.stall.kind}`)
  return t(`phase.${task.phase}`)
}

/** The time that matters: how long it waits, runs, or took. ms. */
export function taskTime(task: Task, nowMs: number): number {
  const from = task.status === 'pending' ? task.createdAt : (task.startedAt ?? task.createdAt)
  return (task.completedAt ?? nowMs) - from
}

/** What it runs, as one line. */
export function commandText(task: Task): string {
  const { command } = task.payload
  if (Array.isArray(command)) return command.map((part) => quote(String(part))).join(' ')
  return typeof command === 'string' ? command : ''
}

const quote = (part: string): string =>
  /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`
