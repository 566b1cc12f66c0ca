import type { Line } from '../history.js'
import { callsOf, mayHaveRetried, retriesOf } from './calls.js'

/** RC1, RC5: when a cancel is answered as carried out, no process of the task lives, and none is started later. */
export function cancelledIsDead(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const calls = callsOf(lines)
  const retries = retriesOf(calls)
  /** Where the call began and where it was answered, of the first cancel that was carried out. */
  const cancels = new Map<string, { readonly from: number; readonly to: number }>()
  for (const { call, from, end, to } of calls) {
    if (call.type !== 'control' || call.act !== 'cancel' || end?.type !== 'controlled') continue
    if (end.state !== null && !carriedOut.includes(end.state)) continue
    const first = cancels.get(call.taskId)
    if (first === undefined || to < first.to) cancels.set(call.taskId, { from, to })
  }
  for (const [index, line] of lines.entries()) {
    if (line.type !== 'run') continue
    const cancel = cancels.get(line.taskId)
    if (cancel === undefined || index < cancel.to) continue
    if (!mayHaveRetried(retries.get(line.taskId), cancel.from, index))
      found.push(`${line.taskId} was cancelled, and then run ${line.fence} said "${line.step}"`)
  }
  return found
}

/** null: the task was over already. */
const carriedOut: readonly string[] = ['stopped', 'killed', 'done']
