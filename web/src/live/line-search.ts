import { limits } from '../../../src/core/limits.js'
import type { LineQuery } from './protocol.js'

/** `GET /api/logs` of a query: a page of the newest lines that match, as long as the leader gives. */
export function lineSearch(query: LineQuery): URLSearchParams {
  const { nodeId, taskId, level, text, sinceMs, untilMs } = query
  const search = new URLSearchParams({ limit: String(limits.linesPageMax) })
  if (nodeId !== null) search.set('nodeId', nodeId)
  if (taskId !== null) search.set('taskId', taskId)
  if (level !== null) search.set('levelFrom', level)
  if (text !== '') search.set('text', text)
  if (sinceMs !== null) search.set('since', String(sinceMs))
  if (untilMs !== null) search.set('until', String(untilMs))
  return search
}
