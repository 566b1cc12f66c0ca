import { asCommandId, asTaskId, fenceOf } from '../core/ids.js'
import type { NodeCommand } from '../core/input.js'
import type { DurableUpdate } from '../ports/node-link.js'

/** What a master reports, as the rules know it. */
export function commandOf(update: DurableUpdate): NodeCommand {
  switch (update.kind) {
    case 'run': {
      const { taskId, fence, state, pid } = update
      return {
        name: 'report_run',
        taskId: asTaskId(taskId),
        fence: fenceOf(fence),
        change: { phase: state, pid },
      }
    }
    case 'ended': {
      const change = { phase: 'ended' as const, end: update.end }
      return { name: 'report_run', taskId: asTaskId(update.taskId), fence: fenceOf(update.fence), change }
    }
    case 'declined': {
      const { taskId, fence, code, text, retryAfterMs } = update
      return {
        name: 'decline_run',
        taskId: asTaskId(taskId),
        fence: fenceOf(fence),
        code,
        text,
        retryAfterMs,
      }
    }
    case 'stall': {
      const { taskId, fence, stall, evidence } = update
      return { name: 'report_stall', taskId: asTaskId(taskId), fence: fenceOf(fence), stall, evidence }
    }
    case 'stall_cleared': {
      const { taskId, fence } = update
      return {
        name: 'report_stall',
        taskId: asTaskId(taskId),
        fence: fenceOf(fence),
        stall: null,
        evidence: null,
      }
    }
    case 'agents':
      return { name: 'report_agents', agents: update.agents }
    case 'receipt':
      return {
        name: 'report_receipt',
        commandId: asCommandId(update.commandId),
        state: update.state,
        detail: update.detail,
      }
  }
}
