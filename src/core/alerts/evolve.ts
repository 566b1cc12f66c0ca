import type { LogEvent } from '../event.js'
import { asAlertId, projectIdOf } from '../ids.js'
import type { Alert } from './alert.js'

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
    default:
      return alert
  }
}
