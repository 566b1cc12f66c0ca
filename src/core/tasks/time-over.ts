import { born, draft, type EventDraft } from '../event.js'
import { asCommandId } from '../ids.js'
import type { State } from '../state.js'
import { aboutTask } from './about.js'
import { termsOf } from './terms.js'

/** A delay is over: the task is queued. */
export function delayOver(state: State, taskId: string, nowMs: number): readonly EventDraft[] {
  const task = state.task(taskId)
  if (task?.state.phase !== 'delayed' || task.state.dueAtMs > nowMs) return []
  return [draft('TaskQueued', aboutTask(task), { attempt: task.state.attempt })]
}

/** [TO1] It has waited in the queue for longer than it may. */
export function queueWaitOver(state: State, taskId: string, nowMs: number): readonly EventDraft[] {
  const task = state.task(taskId)
  if (task?.state.phase !== 'queued') return []
  const { queueTimeoutMs } = termsOf(task.spec)
  if ((task.state.sinceMs ?? 0) + queueTimeoutMs > nowMs) return []
  const why = `it waited in the queue for ${queueTimeoutMs} ms, which is its limit (queueTimeoutMs)`
  return [draft('TaskFinished', aboutTask(task), { outcome: 'timeout', why })]
}

/**
 * [TO2] The time that a task has in all is over: one that waits ends, a run is stopped as by a cancel. `seq` is the one
 * that the first of these events will have, which names the command.
 */
export function totalTimeOver(
  state: State,
  taskId: string,
  nowMs: number,
  seq: number,
): readonly EventDraft[] {
  const task = state.task(taskId)
  if (task === undefined || task.state.phase === 'final' || task.isOverdue === true) return []
  if (task.endByMs === undefined || task.endByMs > nowMs) return []
  const about = aboutTask(task)
  const overdue = draft('TaskOverdue', about, {})
  if (task.state.phase !== 'live') {
    const why = `its time in all, ${termsOf(task.spec).totalTimeoutMs} ms, was over before it ran to its end (totalTimeoutMs)`
    return [overdue, draft('TaskFinished', about, { outcome: 'timeout', why })]
  }
  if (task.cancelledBy !== null) return [overdue]
  const { fence, nodeId } = task.state.run
  const command = {
    taskId: task.taskId,
    action: 'cancel',
    fence,
    attempt: task.state.attempt,
    nodeId,
    expiresAtMs: null,
  } as const
  return [
    draft('CommandIssued', { kind: 'receipt', id: born, projectId: task.projectId }, command),
    draft('CancelRequested', about, { commandId: asCommandId(`c${seq.toString(32)}`) }),
    overdue,
  ]
}
