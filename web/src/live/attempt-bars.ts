import type { Task } from './protocol.js'

/** One run of a task on a scale of time, and the wait before it. Unix ms. */
export interface AttemptBar {
  readonly attempt: number
  /** Waited for its turn: [from, start). */
  readonly fromMs: number
  readonly startMs: number
  readonly endMs: number
  readonly outcome: 'succeeded' | 'failed' | 'running'
}

/** Earlier runs and the current one; what ran not at all has no bar of its own, its time counts as waiting. */
export function barsOf(task: Task, nowMs: number): readonly AttemptBar[] {
  const bars: AttemptBar[] = []
  let fromMs = task.createdAt
  for (const run of task.attempts) {
    const startMs = run.startedAt ?? run.endedAt
    const outcome = run.outcome === 'succeeded' ? 'succeeded' : 'failed'
    bars.push({ attempt: run.attempt, fromMs, startMs, endMs: run.endedAt, outcome })
    fromMs = run.endedAt
  }
  if (task.status === 'running' && task.startedAt !== null) {
    const endMs = Math.max(nowMs, task.startedAt)
    bars.push({ attempt: task.attempt, fromMs, startMs: task.startedAt, endMs, outcome: 'running' })
  }
  return bars
}
