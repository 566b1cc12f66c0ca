import { isWaitCode } from '../../../src/contract/wait-codes.js'
import type { TaskFilterWords } from '../../../src/contract/work.js'
import type { Band, TaskQuery } from './protocol.js'

const priorities: Readonly<Record<Band, { priorityMin?: number; priorityMax?: number }>> = {
  high: { priorityMin: 8 },
  normal: { priorityMin: 4, priorityMax: 7 },
  low: { priorityMax: 3 },
}

/**
 * [WI17] The filter of a bulk act that reaches exactly what a list shows, however much of it the wall holds. null: there
 * is none, because the list narrows nothing or by more than one status or phase.
 */
export function actsFilterOf(query: TaskQuery): TaskFilterWords | null {
  const { statuses, phases, band, reason, workerId, project, text } = query
  if (statuses.length > 1 || phases.length > 1 || query.taskId !== null) return null
  if (reason !== null && !isWaitCode(reason)) return null
  const [status] = statuses
  const [phase] = phases
  const filter = {
    ...(status === undefined ? {} : { status }),
    ...(phase === undefined ? {} : { phase }),
    ...(band === null ? {} : priorities[band]),
    ...(reason === null ? {} : { reason }),
    ...(workerId === null ? {} : { loadOf: workerId }),
    ...(project === null ? {} : { project }),
    ...(text.trim() === '' ? {} : { words: text.trim() }),
  }
  return Object.keys(filter).length === 0 ? null : filter
}
