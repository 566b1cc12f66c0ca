import type { Answer } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'

/** What a command's answer points at, as JSON: the task, the receipt, the master. */
export function answerJson(
  plane: ControlPlane,
  caller: Caller,
  answer: Answer,
  waitMs: number,
): Promise<JsonBytes> {
  switch (answer.kind) {
    case 'task':
    case 'finished':
      return plane.task(caller, answer.taskId)
    case 'receipt':
      return plane.receipt(caller, answer.commandId, Math.min(waitMs, limits.waitMsMax))
    case 'node':
      return plane.worker(caller, answer.nodeId)
    case 'done':
      return Promise.resolve('{}')
  }
}
