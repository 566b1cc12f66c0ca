import type { RunPhase } from '../runs/run.js'
import type { FinalPhase, Task } from './task.js'

export type TaskStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'

/** REST's coarse word for where a task stands. */
export function statusOf(task: Task): TaskStatus {
  const { state } = task
  switch (state.phase) {
    case 'queued':
    case 'delayed':
    case 'blocked':
      return 'pending'
    case 'live':
      return state.run.phase === 'assigned' ? 'pending' : 'running'
    case 'ending':
      return 'running'
    case 'final':
      if (state.outcome === 'succeeded') return 'completed'
      return state.outcome === 'cancelled' ? 'cancelled' : 'failed'
  }
}

/** REST's fine word. */
export type TaskPhase = 'queued' | 'delayed' | 'blocked' | RunPhase | FinalPhase

export function phaseOf(task: Task): TaskPhase {
  const { state } = task
  if (state.phase === 'live') return state.run.phase
  if (state.phase === 'ending') return 'stopping'
  return state.phase === 'final' ? state.outcome : state.phase
}
