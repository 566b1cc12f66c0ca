import { draft, type EventDraft } from './event.js'
import type { Load } from './placement/strategy.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/about.js'

/** Facts for the strategies that go by load: what each of these masters measured last. */
export function observeLoads(state: State, loads: ReadonlyMap<string, Load>): void {
  for (const [nodeId, load] of loads) state.index.slots.setLoad(nodeId, load)
}

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
