import { ControlError } from '../errors.js'
import type { EventDraft } from '../event.js'
import { asTaskId, idAt, type ProjectId, type TaskId } from '../ids.js'
import type { Input } from '../input.js'
import type { State } from '../state.js'
import { decideSubmit } from '../tasks/decide.js'
import type { ReadyTask } from './planned-task.js'

export type PlannedSubmit =
  | {
      readonly ok: true
      readonly drafts: readonly EventDraft[]
      readonly taskId: TaskId
      readonly created: boolean
    }
  | { readonly ok: false; readonly reason: string }

/** An ordinary submit on behalf of a plan, as the first drafts of a decision; what refuses it is the reason. */
export function submitPlanned(
  state: State,
  input: Input,
  planned: {
    readonly ready: ReadyTask
    readonly clientId: string
    readonly projectId: ProjectId
    readonly nowMs: number
  },
): PlannedSubmit {
  const { ready, clientId, projectId, nowMs } = planned
  if ('refusal' in ready) return { ok: false, reason: ready.refusal }
  try {
    const { drafts, answer } = decideSubmit(
      state,
      { ...input, onBehalfOf: clientId, projectId },
      { name: 'submit_task', spec: ready.spec, bodyHash: ready.bodyHash },
      { nowMs },
    )
    const position = drafts.findIndex(({ type }) => type === 'TaskSubmitted')
    if (position >= 0) {
      const taskId = asTaskId(idAt('task', state.headSeq + 1 + position) ?? '')
      return { ok: true, drafts, taskId, created: true }
    }
    // [ID1] Submitted before: the same task.
    const known = answer([])
    if (known.kind === 'task') return { ok: true, drafts, taskId: known.taskId, created: false }
    return { ok: false, reason: 'it was not submitted' }
  } catch (thrown) {
    if (thrown instanceof ControlError) return { ok: false, reason: thrown.message }
    throw thrown
  }
}
