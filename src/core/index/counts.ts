import type { FinishedCounts } from '../cluster/events.js'
import type { State } from '../state.js'

/** How the finished tasks ended that retire with `throughSeq`. */
export function countFinished(state: State, throughSeq: number): FinishedCounts {
  const counts = { completed: 0, failed: 0, cancelled: 0 }
  for (const taskId of state.index.finishedTasks.through(throughSeq)) {
    const task = state.task(taskId)
    if (task?.state.phase !== 'final') continue
    if (task.state.outcome === 'succeeded') counts.completed += 1
    else if (task.state.outcome === 'cancelled') counts.cancelled += 1
    else counts.failed += 1
  }
  return counts
}
