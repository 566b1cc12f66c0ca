import { limits } from '../limits.js'
import type { Task } from '../tasks/task.js'
import type { RunEnd } from './run.js'

/** Attempts so far that count: one that was ended to be moved does not. */
const countedAttempts = (task: Task): number => task.state.attempt - (task.attemptsMoved ?? 0)

/** Whether another attempt follows this end by itself. */
export function mayRetry(task: Task, end: RunEnd): boolean {
  const { attemptsMax, on } = task.spec.retry
  if (end.outcome === 'succeeded' || end.outcome === 'cancelled') return false
  if (task.cancelledBy !== null || task.isOverdue === true) return false
  return on.includes(end.outcome) && countedAttempts(task) < attemptsMax
}

/**
 * Delay before attempt n+1: backoff × 2^(n−1), at most limits.retryBackoffMsMax, and up to a fifth more as jitter.
 * The jitter is a hash of (taskId, attempt), so that replay gives the same.
 */
export function retryDelayMs(task: Task): number {
  const { attempt } = task.state
  const doublings = Math.min(countedAttempts(task) - 1, 20)
  const delay = Math.min(limits.retryBackoffMsMax, task.spec.retry.backoffMs * 2 ** doublings)
  return Math.round(delay * (1 + 0.2 * hashFraction(`${task.taskId}.${attempt}`)))
}

/** FNV-1a, 32 bit, as a fraction in [0, 1). */
function hashFraction(text: string): number {
  let hash = 0x811c9dc5
  for (let position = 0; position < text.length; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193)
  }
  return (hash >>> 0) / 2 ** 32
}
