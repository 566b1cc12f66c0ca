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
    case 'receipts': {
      return receiptsJson(plane, caller, answer.commandIds, waitMs)
    }
    case 'effect':
      return plane.effect(caller, answer.taskId, answer.key)
    case 'work':
      return plane.work(caller, answer.workId, Math.min(waitMs, limits.waitMsMax))
    case 'limit':
      return plane.limit(caller, answer.limitId)
    case 'alert':
      return plane.alert(caller, answer.alertId)
    case 'plan':
      return plane.plan(caller, answer.plan, answer.id, null)
    case 'done':
      return Promise.resolve('{}')
  }
}

/** They run at the same time, so waiting for one after the other takes as long as the longest. */
async function receiptsJson(
  plane: ControlPlane,
  caller: Caller,
  commandIds: readonly string[],
  waitMs: number,
): Promise<JsonBytes> {
  const wait = Math.min(waitMs, limits.waitMsMax)
  const receipts = await Promise.all(commandIds.map((commandId) => plane.receipt(caller, commandId, wait)))
  return `{"receipts":[${receipts.join(',')}]}`
}
