import { ControlError } from '../errors.js'
import type { EventDraft } from '../event.js'
import { idAt } from '../ids.js'
import type { Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import { decideControl } from '../tasks/decide.js'
import { phaseOf } from '../tasks/status.js'
import type { Task } from '../tasks/task.js'
import { matcherOf } from './filter.js'
import { StepTally } from './step.js'
import type { ActsJob, Work } from './work.js'

export interface Step {
  readonly cursor: number
  readonly seen: number
  readonly tally: StepTally
  readonly drafts: readonly EventDraft[]
  readonly isLast: boolean
}

/**
 * The next tasks in order of their birth: looked at up to limits.workLookMax, acted upon until the step has
 * limits.workStepEvents events. A refusal of one task is counted and the rest goes on.
 */
export function stepActs(state: State, input: Input, work: Work, job: ActsJob, nowMs: number): Step {
  const tally = new StepTally(work)
  const drafts: EventDraft[] = []
  const matches = matcherOf(job.filter, state)
  let { cursor } = work
  let seen = 0
  for (const bornSeq of state.index.births.between(work.cursor, job.horizonSeq)) {
    if (seen >= limits.workLookMax || drafts.length >= limits.workStepEvents) {
      return { cursor, seen, tally, drafts, isLast: false }
    }
    cursor = bornSeq
    const task = state.task(idAt('task', bornSeq) ?? '')
    if (task === undefined) continue
    seen += 1
    if (!matches(task)) continue
    if (job.action === 'requeue' && phaseOf(task) !== 'dead_letter') continue
    // The step's own event comes first.
    const acted = act(state, input, { task, job, nowMs, tally, draftsBefore: 1 + drafts.length })
    if (!job.dryRun) drafts.push(...acted)
  }
  return { cursor: job.horizonSeq, seen, tally, drafts, isLast: true }
}

interface Act {
  readonly task: Task
  readonly job: ActsJob
  readonly nowMs: number
  readonly tally: StepTally
  readonly draftsBefore: number
}

function act(
  state: State,
  input: Input,
  { task, job, nowMs, tally, draftsBefore }: Act,
): readonly EventDraft[] {
  const { taskId } = task
  try {
    const action = job.action === 'requeue' ? 'retry' : job.action
    const command = { name: 'control_task', taskId, action, timeoutMs: null } as const
    const { drafts } = decideControl(state, input, command, nowMs, draftsBefore)
    if (drafts.length === 0) tally.unchanged()
    else tally.done()
    return drafts
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown
    tally.refused(thrown, { index: null, taskId })
    return []
  }
}
