import { effectsOf } from '../effects/effect.js'
import { evolveEffects } from '../effects/evolve.js'
import type { LogEvent } from '../event.js'
import { asTaskId, fenceOf, type Seq, seqOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Run, RunEnd } from '../runs/run.js'
import type { Decline, PastRun, Task, TaskState } from './task.js'
import { termsOf } from './terms.js'

export function evolveTask(task: Task | undefined, event: LogEvent): Task | undefined {
  if (event.type === 'TaskSubmitted') {
    return {
      kind: 'task',
      taskId: asTaskId(event.entity.id),
      projectId: event.body.projectId,
      spec: event.body.spec,
      bodyHash: event.body.bodyHash,
      clientId: event.body.clientId,
      traceId: event.traceId,
      createdAtMs: event.atMs,
      seq: event.seq,
      state: { phase: 'queued', attempt: 1, sinceMs: event.atMs },
      past: [],
      cancelledBy: null,
      inputs: undefined,
      endByMs: endBy(event.body.spec, event.atMs),
      isOverdue: undefined,
      effects: undefined,
    }
  }
  return task === undefined ? undefined : change(task, event)
}

/** The age that a declined task keeps, also over a delay; nothing for any other. */
const ageOf = ({ state }: Task): { readonly sinceSeq?: Seq; readonly sinceMs?: number } =>
  (state.phase === 'queued' || state.phase === 'delayed') && state.sinceSeq !== undefined
    ? { sinceSeq: state.sinceSeq, ...(state.sinceMs === undefined ? {} : { sinceMs: state.sinceMs }) }
    : {}

interface Changes {
  readonly state?: TaskState
  readonly past?: readonly PastRun[]
  readonly cancelledBy?: Task['cancelledBy']
  readonly attemptsMoved?: number
  /** null: forget them. */
  readonly declines?: readonly Decline[] | null
  readonly inputs?: Task['inputs']
  readonly isOverdue?: true
  readonly effects?: Task['effects']
}

function endBy(spec: Task['spec'], fromMs: number): number | undefined {
  const { totalTimeoutMs } = termsOf(spec)
  return totalTimeoutMs === 0 ? undefined : fromMs + totalTimeoutMs
}

/** The next version. Written out, field by field, as the run's below: a spread costs more than the rest of an event. */
function next(task: Task, event: LogEvent, changes: Changes): Task {
  const attemptsMoved = changes.attemptsMoved ?? task.attemptsMoved
  const declines = changes.declines === undefined ? task.declines : (changes.declines ?? undefined)
  const version: Task = {
    kind: 'task',
    taskId: task.taskId,
    projectId: task.projectId,
    spec: task.spec,
    bodyHash: task.bodyHash,
    clientId: task.clientId,
    traceId: task.traceId,
    createdAtMs: task.createdAtMs,
    seq: event.seq,
    state: changes.state ?? task.state,
    past: changes.past ?? task.past,
    cancelledBy: changes.cancelledBy === undefined ? task.cancelledBy : changes.cancelledBy,
    inputs: changes.inputs ?? task.inputs,
    endByMs: task.endByMs,
    isOverdue: changes.isOverdue ?? task.isOverdue,
    effects: changes.effects ?? task.effects,
  }
  if (attemptsMoved === undefined && declines === undefined) return version
  return {
    ...version,
    ...(attemptsMoved === undefined ? {} : { attemptsMoved }),
    ...(declines === undefined ? {} : { declines }),
  }
}

/** A retry by hand of a task that was over: its total time begins anew. */
const anew = (task: Task, event: LogEvent): Task =>
  task.state.phase === 'final'
    ? { ...task, isOverdue: undefined, endByMs: endBy(task.spec, event.atMs) }
    : task

function change(task: Task, event: LogEvent): Task {
  switch (event.type) {
    case 'TaskQueued':
      return next(anew(task, event), event, {
        cancelledBy: null,
        state: { phase: 'queued', attempt: event.body.attempt, sinceMs: event.atMs, ...ageOf(task) },
        declines: null,
      })
    case 'TaskDelayed':
      return next(task, event, {
        state: {
          phase: 'delayed',
          attempt: event.body.attempt,
          dueAtMs: event.body.dueAtMs,
          ...ageOf(task),
        },
      })
    case 'TaskBlocked':
    case 'DependencyOver':
      return changeWait(task, event)
    case 'TaskOverdue':
      return next(task, event, { isOverdue: true })
    case 'TaskAssigned':
      return next(task, event, {
        state: {
          phase: 'live',
          attempt: event.body.attempt,
          run: {
            fence: fenceOf(event.seq),
            nodeId: event.body.nodeId,
            agentId: event.body.agentId,
            phase: 'assigned',
            phaseBefore: null,
            assignedAtMs: event.atMs,
            queuedAtMs: (task.state.phase === 'queued' ? task.state.sinceMs : undefined) ?? event.atMs,
            queuedSeq: (task.state.phase === 'queued' ? task.state.sinceSeq : undefined) ?? task.seq,
            startedAtMs: null,
            pid: null,
            stall: null,
          },
        },
      })
    case 'CancelRequested':
      return next(task, event, { cancelledBy: event.body.commandId })
    case 'CancelDropped':
      return event.body.commandId === task.cancelledBy ? next(task, event, { cancelledBy: null }) : task
    case 'TaskFinished':
      return next(task, event, {
        state: {
          phase: 'final',
          attempt: task.state.attempt,
          outcome: event.body.outcome,
          completedAtMs: event.atMs,
          why: event.body.why,
        },
      })
    case 'EffectNoted':
      return next(task, event, { effects: evolveEffects(effectsOf(task), event) })
    case 'RunSuperseded':
      return next(task, event, {})
    default:
      return changeRun(task, event)
  }
}

/** [FN9] Of a run that is told by its end alone; by the leader's time, as every start. */
const startOf = (run: Run, { ranMs }: RunEnd, endedAtMs: number): number | null =>
  ranMs === undefined ? null : Math.max(run.assignedAtMs, endedAtMs - ranMs)

function changeWait(task: Task, event: LogEvent): Task {
  if (event.type === 'TaskBlocked') {
    const { attempt, waitsFor, inputs, dueAtMs } = event.body
    const state = { phase: 'blocked', attempt, waitsFor, dueAtMs } as const
    return next(anew(task, event), event, { cancelledBy: null, inputs, state })
  }
  if (event.type !== 'DependencyOver' || task.state.phase !== 'blocked') return task
  const { result } = event.body
  const waitsFor = task.state.waitsFor.filter((taskId) => taskId !== result.taskId)
  return next(task, event, {
    inputs: [...(task.inputs ?? []), result],
    state: { ...task.state, waitsFor },
  })
}

type RunChanges = Partial<Pick<Run, 'phase' | 'phaseBefore' | 'startedAtMs' | 'pid' | 'stall' | 'moving'>>

function nextRun(run: Run, changes: RunChanges): Run {
  const { phase = run.phase, phaseBefore = run.phaseBefore, stall = run.stall } = changes
  const { startedAtMs = run.startedAtMs, pid = run.pid } = changes
  const { fence, nodeId, agentId, assignedAtMs, queuedSeq = run.fence, queuedAtMs = assignedAtMs } = run
  const version: Run = {
    fence,
    nodeId,
    agentId,
    phase,
    phaseBefore,
    assignedAtMs,
    queuedAtMs,
    queuedSeq: seqOf(queuedSeq),
    startedAtMs,
    pid,
    stall,
  }
  return (changes.moving ?? run.moving) === true ? { ...version, moving: true } : version
}

function changeRun(task: Task, event: LogEvent): Task {
  if (task.state.phase !== 'live') return task
  const { run } = task.state
  const { attempt } = task.state
  const withRun = (changes: RunChanges, more?: Pick<Changes, 'declines'>): Task =>
    next(task, event, { state: { phase: 'live', attempt, run: nextRun(run, changes) }, ...more })
  switch (event.type) {
    case 'RunChanged': {
      if (event.body.fence !== run.fence) return task
      const changes: RunChanges = {
        phase: event.body.phase,
        phaseBefore: null,
        pid: event.body.pid ?? run.pid,
        startedAtMs: run.startedAtMs ?? (event.body.phase === 'running' ? event.atMs : null),
      }
      // Its master took it.
      return task.declines === undefined || event.body.phase === 'assigned'
        ? withRun(changes)
        : withRun(changes, { declines: null })
    }
    case 'RunUnknown':
      if (event.body.fence !== run.fence || run.phase === 'unknown') return task
      return withRun({ phase: 'unknown', phaseBefore: run.phase })
    case 'RunStalled':
      return event.body.fence === run.fence ? withRun({ stall: event.body.stall }) : task
    case 'RunStallCleared':
      return event.body.fence === run.fence ? withRun({ stall: null }) : task
    case 'RunMoving':
      return event.body.fence === run.fence ? withRun({ moving: true }) : task
    case 'RunDeclined': {
      const { fence, nodeId, code, text, untilMs } = event.body
      if (fence !== run.fence) return task
      return next(task, event, {
        state: {
          phase: 'queued',
          attempt,
          sinceSeq: seqOf(run.queuedSeq ?? run.fence),
          sinceMs: run.queuedAtMs ?? run.assignedAtMs,
        },
        declines: [...(task.declines ?? []), { nodeId, code, text, untilMs, seq: event.seq }].slice(
          -limits.declinesMax,
        ),
      })
    }
    case 'RunEnded': {
      if (event.body.fence !== run.fence) return task
      const past: PastRun = {
        attempt: task.state.attempt,
        fence: run.fence,
        nodeId: run.nodeId,
        agentId: run.agentId,
        assignedAtMs: run.assignedAtMs,
        startedAtMs: run.startedAtMs ?? startOf(run, event.body.end, event.atMs),
        endedAtMs: event.atMs,
        end: event.body.end,
        goneIncarnation: event.body.goneIncarnation,
      }
      // What ended by itself before it was stopped has had its attempt.
      const isMoved =
        run.moving === true && event.body.end.outcome === 'cancelled' && task.cancelledBy === null
      return next(task, event, {
        past: [...task.past, isMoved ? { ...past, moved: true as const } : past].slice(-limits.pastRunsKept),
        state: { phase: 'ending', attempt, end: event.body.end },
        declines: null,
        ...(isMoved ? { attemptsMoved: (task.attemptsMoved ?? 0) + 1 } : {}),
      })
    }
    default:
      return task
  }
}
