import { constants } from 'node:os'
import type { Task } from '../client/index.js'
import { exitCodes } from './exit-codes.js'
import { age } from './print.js'

/** What `--wait` exits with: the program's own code where it has one. */
export function taskExitCode(task: Task): number {
  // A dead letter ended as its last attempt did.
  const end = task.phase === 'dead_letter' ? task.attempts.at(-1)?.outcome : task.phase
  switch (end) {
    case 'succeeded':
      return exitCodes.ok
    case 'timeout':
      return exitCodes.timeout
    case 'cancelled':
      return exitCodes.cancelled
    case 'exit':
      return programCode(task)
    default:
      return exitCodes.ourSide
  }
}

/** As a shell says it: 128 + the signal's number when a signal ended it. */
function programCode({ result }: Task): number {
  if (result?.exitCode != null) return result.exitCode
  const signals: Readonly<Record<string, number>> = constants.signals
  const number = result?.signal == null ? undefined : signals[result.signal]
  return number === undefined ? exitCodes.ourSide : 128 + number
}

/** One sentence on how a task ended. */
export function endOf(task: Task): string {
  const took =
    task.startedAt === null || task.completedAt === null
      ? ''
      : ` after ${age(task.completedAt - task.startedAt)}`
  const where = task.workerId === null ? '' : ` on ${task.workerId}`
  const which = task.attempt > 1 ? ` in attempt ${task.attempt}` : ''
  if (task.phase === 'succeeded') return `Succeeded${took}${where}${which}.`
  if (task.phase === 'cancelled') return `Cancelled${took}${where}.`
  const why = task.error?.message ?? `phase ${task.phase}`
  return `Failed${took}${where}${which}: ${why.replace(/\.$/, '')}. See more: agentflow task show ${task.taskId}`
}
