import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { asCommandId, asTaskId, type CommandId, idAt, projectIdOf, type TaskId } from '../ids.js'
import { idempotencyIndexKey } from '../index/indexes.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import { refuseUnknownCapacity } from '../run-limits/decide.js'
import type { State } from '../state.js'
import { aboutTask } from './about.js'
import type { Task } from './task.js'
import { termsOf } from './terms.js'
import { dueAt, held, waitsOf } from './waits.js'

type Submit = Extract<Command, { name: 'submit_task' }>
type Control = Extract<Command, { name: 'control_task' }>

/** What a submit needs to know of the decision that it is a part of. */
export interface SubmitPlace {
  readonly nowMs: number
  /** These are made earlier in the same decision, and state does not hold them yet. */
  readonly madeBefore?: ReadonlySet<TaskId>
  /** So many drafts stand before these. */
  readonly draftsBefore?: number
}

/** [ID1] The same client, key and body is the same task; another body is a conflict. */
export function decideSubmit(
  state: State,
  input: Input,
  command: Submit,
  { nowMs, madeBefore, draftsBefore = 0 }: SubmitPlace,
): Decision {
  const { spec, bodyHash } = command
  const clientId = input.onBehalfOf ?? input.principal.id
  const known =
    spec.idempotencyKey === null ? undefined : keyHolder(state, input, clientId, spec.idempotencyKey)
  if (known !== undefined) {
    if (known.bodyHash !== bodyHash) {
      throw new ControlError(
        'idempotency_conflict',
        `the idempotency key belongs to ${known.taskId}, submitted with another body`,
        {
          details: { taskId: known.taskId },
        },
      )
    }
    return { drafts: [], answer: () => ({ kind: 'task', taskId: known.taskId, created: false }) }
  }
  if (state.index.unfinishedTasks + (madeBefore?.size ?? 0) >= limits.tasksUnfinishedMax) {
    throw new ControlError(
      'resource_exhausted',
      `${limits.tasksUnfinishedMax} tasks are unfinished; try again when some are done`,
    )
  }
  const { workerId } = spec.requirements
  if (workerId !== null && state.node(workerId) === undefined) {
    const names = [...state.tables.node.keys()].sort().slice(0, 10).join(', ')
    throw new ControlError(
      'unprocessable',
      `requirements.workerId: there is no master "${workerId}"; known: ${names || 'none yet'}; name one of them, or leave it out to run the task anywhere`,
    )
  }
  refuseUnknownCapacity(state, termsOf(spec).capacity)
  const projectId = projectIdOf(input.projectId ?? 'default')
  const submitted = draft(
    'TaskSubmitted',
    { kind: 'task', id: born, projectId },
    { projectId, spec, bodyHash, clientId },
  )
  const drafts = [submitted]
  if (spec.queue !== undefined) {
    const taskId = asTaskId(idAt('task', state.headSeq + 1 + draftsBefore) ?? '')
    const waits = waitsOf(state, input, spec.queue, madeBefore)
    drafts.push(...held({ taskId, projectId }, 1, waits, dueAt(spec.queue, nowMs)))
  }
  return {
    drafts,
    answer: (events) => ({ kind: 'task', taskId: asTaskId(events[0]?.entity.id ?? ''), created: true }),
  }
}

function keyHolder(state: State, input: Input, clientId: string, key: string): Task | undefined {
  const taskId = state.index.taskByKey.get(idempotencyIndexKey(clientId, key))
  return taskId === undefined ? input.facts?.keyHolder : state.task(taskId)
}

/**
 * Pause, resume, cancel, retry: a command with a receipt, or a refusal that says what would work. `draftsBefore` stand
 * before these in the same decision.
 */
export function decideControl(
  state: State,
  input: Input,
  command: Control,
  nowMs: number,
  draftsBefore = 0,
): Decision {
  const task = state.task(command.taskId) ?? input.facts?.retiredTask
  if (task === undefined) throw new ControlError('task_not_found', `there is no task ${command.taskId}`)
  switch (command.action) {
    case 'cancel':
      return decideCancel(state, task, command, nowMs, draftsBefore)
    case 'retry':
      return decideRetry(state, input, task, command, draftsBefore)
    case 'pause':
    case 'resume':
      return decidePauseOrResume(state, task, command, nowMs)
  }
}

function decideCancel(
  state: State,
  task: Task,
  command: Control,
  nowMs: number,
  draftsBefore: number,
): Decision {
  if (task.state.phase === 'final')
    return { drafts: [], answer: () => ({ kind: 'finished', taskId: task.taskId }) }
  if (task.cancelledBy !== null && state.receipt(task.cancelledBy) !== undefined) {
    const { cancelledBy } = task
    return { drafts: [], answer: () => ({ kind: 'receipt', commandId: cancelledBy }) }
  }
  const commandId = nextCommandId(state, draftsBefore)
  const requested = draft('CancelRequested', aboutTask(task), { commandId })
  if (task.state.phase === 'live') return issued(task, command, nowMs, [requested])
  const finished = draft('TaskFinished', aboutTask(task), { outcome: 'cancelled' })
  return issued(task, command, nowMs, [
    requested,
    finished,
    stepped(task, commandId, 'stopped', 'it was not running'),
  ])
}

function decideRetry(
  state: State,
  input: Input,
  task: Task,
  command: Control,
  draftsBefore: number,
): Decision {
  const commandId = nextCommandId(state, draftsBefore)
  if (task.state.phase === 'delayed') {
    const { attempt } = task.state
    const queued = draft('TaskQueued', aboutTask(task), { attempt })
    return issued(task, command, null, [queued, stepped(task, commandId, 'done', 'its delay is over')])
  }
  if (task.state.phase !== 'final')
    throw wrongPhase(task, 'only a task that is over can be retried, and one that is delayed be run now')
  if (task.state.outcome === 'succeeded')
    throw wrongPhase(task, 'it succeeded; submit it again to run it again')
  if (state.task(task.taskId) === undefined) throw wrongPhase(task, 'it is too long ago; submit it again')
  // An attempt that never had a run is still to come.
  const attempt =
    task.past.at(-1)?.attempt === task.state.attempt ? task.state.attempt + 1 : task.state.attempt
  const waits = waitsOf(state, input, termsOf(task.spec))
  if (waits.failure !== null) throw wrongPhase(task, `${waits.failure}; retry that one first`)
  const drafts = held(task, attempt, waits, null)
  if (drafts.length === 0) drafts.push(draft('TaskQueued', aboutTask(task), { attempt }))
  const detail =
    waits.waitsFor.length === 0
      ? `attempt ${attempt} is queued`
      : `attempt ${attempt} waits for ${waits.waitsFor.join(', ')}`
  return issued(task, command, null, [...drafts, stepped(task, commandId, 'done', detail)])
}

function decidePauseOrResume(state: State, task: Task, command: Control, nowMs: number): Decision {
  if (task.state.phase !== 'live') throw wrongPhase(task, `only a running task can be ${command.action}d`)
  const { phase } = task.state.run
  if (phase === 'stopping' || task.cancelledBy !== null) throw wrongPhase(task, 'it is being cancelled')
  if (command.action === 'resume' && phase === 'running') throw wrongPhase(task, 'it is not paused')
  if ((state.index.openReceipts.get(task.taskId)?.size ?? 0) >= limits.commandsOpenPerTask) {
    throw new ControlError(
      'resource_exhausted',
      `${limits.commandsOpenPerTask} commands on ${task.taskId} wait for its master already`,
    )
  }
  return issued(task, command, nowMs, [])
}

/** Receipts are born by the first draft of their decision, so the id is known before the event is. */
const nextCommandId = (state: State, draftsBefore: number): CommandId =>
  asCommandId(`c${(state.headSeq + 1 + draftsBefore).toString(32)}`)

function issued(task: Task, command: Control, nowMs: number | null, more: readonly EventDraft[]): Decision {
  const run = task.state.phase === 'live' ? task.state.run : null
  const first = draft(
    'CommandIssued',
    { kind: 'receipt', id: born, projectId: task.projectId },
    {
      taskId: task.taskId,
      action: command.action,
      fence: run?.fence ?? null,
      attempt: task.state.attempt,
      nodeId: run?.nodeId ?? null,
      expiresAtMs: command.timeoutMs === null || nowMs === null ? null : nowMs + command.timeoutMs,
    },
  )
  return {
    drafts: [first, ...more],
    answer: (events) => ({ kind: 'receipt', commandId: asCommandId(events[0]?.entity.id ?? '') }),
  }
}

const stepped = (task: Task, commandId: CommandId, state: 'stopped' | 'done', detail: string): EventDraft =>
  draft('CommandStepped', { kind: 'receipt', id: commandId, projectId: task.projectId }, { state, detail })

const wrongPhase = (task: Task, why: string): ControlError =>
  new ControlError('wrong_phase', `${task.taskId} is ${phaseWord(task)}: ${why}`, {
    details: { taskId: task.taskId, phase: phaseWord(task) },
  })

function phaseWord(task: Task): string {
  if (task.state.phase === 'live') return task.state.run.phase
  return task.state.phase === 'final' ? task.state.outcome : task.state.phase
}
