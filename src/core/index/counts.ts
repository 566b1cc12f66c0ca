import type { FinishedCounts } from '../cluster/events.js'
import type { State } from '../state.js'
import { statusOf } from '../tasks/status.js'

/** How the finished tasks ended that retire with `throughSeq`. */
export function countFinished(state: State, throughSeq: number): FinishedCounts {
  const counts = { completed: 0, failed: 0, cancelled: 0 }
  for (const taskId of state.index.finishedTasks.through(throughSeq)) {
    const task = state.task(taskId)
    const status = task === undefined ? 'pending' : statusOf(task)
    if (status !== 'pending' && status !== 'running') counts[status] += 1
  }
  return counts
}
