import type { LogEvent } from '../event.js'
import { asTaskId, fenceOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Run } from '../runs/run.js'
import type { PastRun, Task } from './task.js'

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
      state: { phase: 'queued', attempt: 1 },
      past: [],
      cancelledBy: null,
    }
  }
  if (task === undefined) return undefined
  const next = change(task, event)
  return next === task ? task : { ...next, seq: event.seq }
}

function change(task: Task, event: LogEvent): Task {
  switch (event.type) {
    case 'TaskQueued':
      return { ...task, cancelledBy: null, state: { phase: 'queued', attempt: event.body.attempt } }
    case 'TaskDelayed':
      return {
        ...task,
        state: { phase: 'delayed', attempt: event.body.attempt, dueAtMs: event.body.dueAtMs },
      }
    case 'TaskAssigned':
      return {
        ...task,
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
            startedAtMs: null,
            pid: null,
            stall: null,
          },
        },
      }
    case 'CancelRequested':
      return { ...task, cancelledBy: event.body.commandId }
    case 'CancelDropped':
      return event.body.commandId === task.cancelledBy ? { ...task, cancelledBy: null } : task
    case 'TaskFinished':
      return {
        ...task,
        state: {
          phase: 'final',
          attempt: task.state.attempt,
          outcome: event.body.outcome,
          completedAtMs: event.atMs,
        },
      }
    case 'RunSuperseded':
      return { ...task }
    default:
      return changeRun(task, event)
  }
}

function changeRun(task: Task, event: LogEvent): Task {
  if (task.state.phase !== 'live') return task
  const { run } = task.state
  const withRun = (changes: Partial<Run>): Task => ({
    ...task,
    state: { phase: 'live', attempt: task.state.attempt, run: { ...run, ...changes } },
  })
  switch (event.type) {
    case 'RunChanged':
      if (event.body.fence !== run.fence) return task
      return withRun({
        phase: event.body.phase,
        phaseBefore: null,
        pid: event.body.pid ?? run.pid,
        startedAtMs: run.startedAtMs ?? (event.body.phase === 'running' ? event.atMs : null),
      })
    case 'RunUnknown':
      if (event.body.fence !== run.fence || run.phase === 'unknown') return task
      return withRun({ phase: 'unknown', phaseBefore: run.phase })
    case 'RunStalled':
      return event.body.fence === run.fence ? withRun({ stall: event.body.stall }) : task
    case 'RunStallCleared':
      return event.body.fence === run.fence ? withRun({ stall: null }) : task
    case 'RunEnded': {
      if (event.body.fence !== run.fence) return task
      const past: PastRun = {
        attempt: task.state.attempt,
        fence: run.fence,
        nodeId: run.nodeId,
        agentId: run.agentId,
        assignedAtMs: run.assignedAtMs,
        startedAtMs: run.startedAtMs,
        endedAtMs: event.atMs,
        end: event.body.end,
      }
      return {
        ...task,
        past: [...task.past, past].slice(-limits.pastRunsKept),
        state: { phase: 'ending', attempt: task.state.attempt, end: event.body.end },
      }
    }
    default:
      return task
  }
}
