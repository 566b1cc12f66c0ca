import { draft, type EventDraft } from './event.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/decide.js'

/**
 * The next placement, or null when nothing that waits fits anywhere. The caller folds it and asks again, so each
 * answer sees the slots that the ones before it took.
 */
export function schedule(state: State): EventDraft | null {
  const { queue, slots } = state.index
  if (queue.size === 0) return null
  const taskId = queue.next((about) => slots.canPlace(about))
  const task = taskId === null ? undefined : state.task(taskId)
  if (task?.state.phase !== 'queued') return null
  const place = slots.firstFit({ type: task.spec.type, workerId: task.spec.requirements.workerId })
  if (place === null) return null
  return draft('TaskAssigned', aboutTask(task), { attempt: task.state.attempt, ...place })
}
