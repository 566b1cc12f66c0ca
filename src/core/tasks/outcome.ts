import type { RunEnd } from '../runs/run.js'
import type { State } from '../state.js'
import type { FinalPhase, PastRun, Task } from './task.js'
import { termsOf } from './terms.js'

/** Attempts that may take their master down before the task is no longer tried. */
const poisonAttempts = 2

/** How a task ends with its last run, and why, when the run does not tell it. */
export interface Ending {
  readonly outcome: FinalPhase
  readonly why?: string
}

/** [DD1] [DD2] [TO2] The end of a task that no further attempt follows. */
export function endingOf(state: State, task: Task, end: RunEnd): Ending {
  if (end.outcome === 'succeeded') return { outcome: 'succeeded' }
  if (task.isOverdue === true) {
    const why = `its time in all, ${termsOf(task.spec).totalTimeoutMs} ms, is over (totalTimeoutMs)`
    return { outcome: 'timeout', why }
  }
  if (task.cancelledBy !== null) return { outcome: 'cancelled' }
  if (isPoison(state, task)) return { outcome: 'dead_letter', why: poisonSentence(state, task) }
  const { attemptsMax, on } = task.spec.retry
  if (end.outcome === 'cancelled' || attemptsMax === 1 || !on.includes(end.outcome))
    return { outcome: end.outcome }
  const last = end.message === null ? '' : `: ${end.message.replace(/\.$/, '')}`
  return {
    outcome: 'dead_letter',
    why: `its ${attemptsMax} attempts are used up; the last ended as ${end.outcome}${last}`,
  }
}

/** [DD2] So many of its attempts took their master down with them that it is not given to another one. */
export const isPoison = (state: State, task: Task): boolean =>
  task.past.filter((run) => tookDown(state, run)).length >= poisonAttempts

/**
 * The run was lost while its master itself was gone: its lease ran out unanswered, or the master came back as another
 * process without it. One that is back as the same process was only cut off.
 */
function tookDown(state: State, run: PastRun): boolean {
  if (run.goneIncarnation === undefined) return false
  const node = state.node(run.nodeId)
  const back = node?.returns?.find(({ incarnation }) => incarnation === run.goneIncarnation)
  return back === undefined || back.atMs < run.endedAtMs
}

function poisonSentence(state: State, task: Task): string {
  const down = task.past.filter((run) => tookDown(state, run))
  const where = down.map((run) => `attempt ${run.attempt} ${run.nodeId}`).join(', ')
  return `${down.length} of its attempts took their master down: ${where}; look at what it does to a machine before you requeue it`
}
