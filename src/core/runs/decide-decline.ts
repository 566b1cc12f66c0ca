import { type Decision, done } from '../decision.js'
import { draft, type EventDraft } from '../event.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import { drainedIfEmpty } from '../nodes/decide-hold.js'
import { stepReceipt } from '../receipts/decide.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import type { Decline, Task } from '../tasks/task.js'
import { seen } from './decide.js'

type DeclineRun = Extract<Command, { name: 'decline_run' }>

/** [OF1] An offered run is not taken. One that the master took before, or that is not current, is not on offer. */
export function decideDecline(state: State, input: Input, command: DeclineRun, nowMs: number): Decision {
  const task = state.task(command.taskId)
  if (task?.state.phase !== 'live' || task.state.run.fence !== command.fence)
    return seen(input, `run ${command.fence} is declined and not current`)
  const { run } = task.state
  const phase = run.phase === 'unknown' ? run.phaseBefore : run.phase
  if (phase !== 'assigned') return seen(input, `run ${command.fence} is declined after its start`)
  const { fence, code, text, retryAfterMs } = command
  const body = { fence, nodeId: run.nodeId, code, text, untilMs: nowMs + waitMs(retryAfterMs) }
  return done([draft('RunDeclined', aboutTask(task), body)])
}

const waitMs = (askedMs: number): number =>
  Math.min(limits.declineRetryMsMax, Math.max(limits.declineRetryMsMin, askedMs))

/** What follows: a cancel is done, and after limits.declinesMax declines in a row the task waits for a while [OF3]. */
export function afterDecline(
  state: State,
  task: Task,
  decline: Omit<Decline, 'seq'>,
  atMs: number,
): EventDraft[] {
  const drafts: EventDraft[] = []
  for (const commandId of [...(state.index.openReceipts.get(task.taskId) ?? [])].sort()) {
    const receipt = state.receipt(commandId)
    if (receipt === undefined) continue
    const isDone = receipt.action === 'cancel' || receipt.action === 'move'
    drafts.push(stepReceipt(receipt, isDone ? 'stopped' : 'refused', `it had not begun: ${decline.text}`))
  }
  if (task.cancelledBy !== null) {
    drafts.push(draft('TaskFinished', aboutTask(task), { outcome: 'cancelled' }))
  } else if ((task.declines?.length ?? 0) >= limits.declinesMax) {
    const dueAtMs = Math.max(decline.untilMs, atMs + limits.declinedWaitMs)
    drafts.push(draft('TaskDelayed', aboutTask(task), { attempt: task.state.attempt, dueAtMs }))
  }
  return [...drafts, ...drainedIfEmpty(state, decline.nodeId)]
}
