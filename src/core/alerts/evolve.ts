import type { LogEvent } from '../event.js'
import { asAlertId, projectIdOf } from '../ids.js'
import type { Alert, AlertHandling } from './alert.js'

type Terms = Pick<AlertHandling, 'reason' | 'untilMs'>

function handled(alert: Alert, event: LogEvent, state: 'acked' | 'shelved', terms: Terms): Alert {
  if (alert.state === 'cleared') return alert
  const { actor, atMs, seq } = event
  const by = actor.onBehalfOf ?? actor.principalId
  const handling = { by, atMs, reason: terms.reason, untilMs: terms.untilMs }
  return { ...alert, state, handling, changedAtMs: atMs, seq }
}

export function evolveAlert(alert: Alert | undefined, event: LogEvent): Alert | undefined {
  switch (event.type) {
    case 'AlertRaised':
      return {
        kind: 'alert',
        alertId: asAlertId(event.entity.id),
        alertKind: event.body.alertKind,
        level: event.body.level,
        message: event.body.message,
        state: 'raised',
        projectId: event.projectId === null ? null : projectIdOf(event.projectId),
        taskId: event.body.taskId,
        nodeId: event.body.nodeId,
        evidence: event.body.evidence,
        raisedAtMs: event.atMs,
        changedAtMs: event.atMs,
        seq: event.seq,
      }
    case 'AlertCleared':
      if (alert === undefined || alert.state === 'cleared') return alert
      return { ...alert, state: 'cleared', changedAtMs: event.atMs, seq: event.seq }
    case 'AlertAcked':
      return alert === undefined ? undefined : handled(alert, event, 'acked', event.body)
    case 'AlertShelved':
      return alert === undefined ? undefined : handled(alert, event, 'shelved', event.body)
    case 'AlertReturned': {
      if (alert === undefined || alert.state === 'cleared') return alert
      const { handling: _over, ...rest } = alert
      return { ...rest, state: 'raised', changedAtMs: event.atMs, returnedAtMs: event.atMs, seq: event.seq }
    }
    default:
      return alert
  }
}
