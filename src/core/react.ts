import { clearAlert } from './alerts/clear.js'
import { clearMeasures } from './alerts/look.js'
import { draft, type EventDraft, type LogEvent } from './event.js'
import { nodeIdOf } from './ids.js'
import { alertRoot } from './index/indexes.js'
import { drainedIfEmpty } from './nodes/decide-hold.js'
import { stepReceipt } from './receipts/decide.js'
import { afterDecline } from './runs/decide-decline.js'
import { mayRetry, retryDelayMs } from './runs/retry.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/about.js'
import { endingOf, isPoison } from './tasks/outcome.js'
import type { Task } from './tasks/task.js'

/** What follows from an event by rule, in the same group: the end of a run, of a task, of a node's silence. */
export function react(state: State, event: LogEvent): readonly EventDraft[] {
  switch (event.type) {
    case 'RunEnded': {
      const task = state.task(event.entity.id)
      return task?.state.phase === 'ending' ? afterRun(state, task, task.state.end, event) : []
    }
    case 'RunDeclined': {
      const task = state.task(event.entity.id)
      return task?.state.phase === 'queued' ? afterDecline(state, task, event.body, event.atMs) : []
    }
    case 'TaskFinished':
      return clearAlert(state, alertRoot('stall', event.entity.id), 'the task is over')
    case 'CommandStepped':
      return afterStep(state, event.entity.id)
    case 'RunStallCleared':
      return clearAlert(state, alertRoot('stall', event.entity.id), 'it gets on again')
    case 'NodeRegistered':
      return [
        ...clearAlert(state, alertRoot('offline', event.entity.id), 'it is back'),
        ...clearAlert(state, alertRoot('deaf', event.entity.id), 'it has a new stream'),
      ]
    case 'NodeDraining':
      return drainedIfEmpty(state, nodeIdOf(event.entity.id))
    case 'NodeStatusChanged':
      return afterStatus(state, event.entity.id, event.body.status)
    default:
      return []
  }
}

function afterRun(
  state: State,
  task: Task,
  end: Extract<Task['state'], { phase: 'ending' }>['end'],
  event: LogEvent,
): EventDraft[] {
  const drafts: EventDraft[] = []
  const past = task.past.at(-1)
  for (const receipt of openReceipts(state, task)) {
    // Of a run before: its master tells the last step.
    if (receipt.fence !== null && receipt.fence !== past?.fence) continue
    if (receipt.action !== 'cancel' && receipt.action !== 'move')
      drafts.push(stepReceipt(receipt, 'refused', 'the run ended first'))
    else if (end.outcome !== 'cancelled')
      drafts.push(stepReceipt(receipt, 'stopped', `it had ended by itself: ${end.outcome}`))
  }
  const stall = clearAlert(state, alertRoot('stall', task.taskId), 'the run is over')
  const drained = past === undefined ? [] : drainedIfEmpty(state, past.nodeId)
  if (past?.moved === true) {
    const queued = draft('TaskQueued', aboutTask(task), { attempt: task.state.attempt + 1 })
    return [...drafts, ...stall, queued, ...drained]
  }
  if (mayRetry(task, end) && !isPoison(state, task)) {
    const dueAtMs = event.atMs + retryDelayMs(task)
    return [
      ...drafts,
      ...stall,
      draft('TaskDelayed', aboutTask(task), { attempt: task.state.attempt + 1, dueAtMs }),
      ...drained,
    ]
  }
  return [...drafts, draft('TaskFinished', aboutTask(task), endingOf(state, task, end)), ...drained]
}

/** A cancel that was not done is forgotten, so that it may be asked for again. */
function afterStep(state: State, commandId: string): EventDraft[] {
  const receipt = state.receipt(commandId)
  if (receipt === undefined || !['refused', 'expired'].includes(receipt.state)) return []
  const task = state.task(receipt.taskId ?? '')
  if (task?.cancelledBy !== receipt.commandId) return []
  return [draft('CancelDropped', aboutTask(task), { commandId: receipt.commandId })]
}

function openReceipts(state: State, task: Task) {
  return [...(state.index.openReceipts.get(task.taskId) ?? [])]
    .sort()
    .flatMap((id) => state.receipt(id) ?? [])
}

function afterStatus(state: State, nodeId: string, status: string): EventDraft[] {
  if (status === 'online') return clearAlert(state, alertRoot('deaf', nodeId), 'it answers again')
  if (status === 'offline') return clearMeasures(state, nodeId)
  if (status !== 'unknown') return []
  return [...state.index.slots.tasksOn(nodeId)].sort().flatMap((taskId) => {
    const task = state.task(taskId)
    if (task?.state.phase !== 'live') return []
    return draft('RunUnknown', aboutTask(task), { fence: task.state.run.fence })
  })
}
