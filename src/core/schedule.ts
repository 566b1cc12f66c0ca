import { draft, type EventDraft } from './event.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/about.js'

/**
 * The next placement, or null when nothing that waits fits anywhere. The caller folds it and asks again, so each
 * answer sees the slots that the ones before it took.
 */
export function schedule(state: State): EventDraft | null {
  const placement = state.index.queue.next()
  if (placement === null) return null
  const { taskId, nodeId, agentId } = placement
  const task = state.task(taskId)
  if (task?.state.phase !== 'queued') return null
  return draft('TaskAssigned', aboutTask(task), { attempt: task.state.attempt, nodeId, agentId })
}
