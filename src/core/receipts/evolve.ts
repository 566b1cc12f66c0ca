import type { LogEvent } from '../event.js'
import { asCommandId, projectIdOf } from '../ids.js'
import { isFinal, type Receipt } from './receipt.js'

export function evolveReceipt(receipt: Receipt | undefined, event: LogEvent): Receipt | undefined {
  switch (event.type) {
    case 'CommandIssued':
      return {
        kind: 'receipt',
        commandId: asCommandId(event.entity.id),
        projectId: event.projectId === null ? null : projectIdOf(event.projectId),
        taskId: event.body.taskId,
        action: event.body.action,
        ...(event.body.agent === undefined ? {} : { agent: event.body.agent }),
        fence: event.body.fence,
        attempt: event.body.attempt,
        nodeId: event.body.nodeId,
        state: 'sent',
        steps: [{ state: 'sent', atMs: event.atMs, detail: '' }],
        expiresAtMs: event.body.expiresAtMs,
        seq: event.seq,
      }
    case 'CommandStepped': {
      if (receipt === undefined || isFinal(receipt)) return receipt
      const step = { state: event.body.state, atMs: event.atMs, detail: event.body.detail }
      return { ...receipt, state: event.body.state, steps: [...receipt.steps, step], seq: event.seq }
    }
    default:
      return receipt
  }
}
