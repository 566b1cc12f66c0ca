import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { draft, type EventDraft } from '../event.js'
import type { Command } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import type { Alert } from './alert.js'

type ActOnAlert = Extract<Command, { name: 'act_on_alert' }>

const about = (alert: Alert) => ({ kind: 'alert' as const, id: alert.alertId, projectId: alert.projectId })

/** [AL2] [AL3] [AL5] Acknowledge, shelve and unshelve: what is so already makes no event. */
export function decideActOnAlert(state: State, command: ActOnAlert, nowMs: number): Decision {
  const alert = state.alert(command.alertId)
  if (alert === undefined)
    throw new ControlError(
      'alert_not_found',
      `there is no alert ${command.alertId}; GET /api/alerts lists them`,
    )
  if (alert.state === 'cleared')
    throw new ControlError(
      'alert_over',
      `alert ${alert.alertId} is over; there is nothing to ${command.action}`,
    )
  const drafts = draftsOf(alert, command, nowMs)
  return { drafts, answer: () => ({ kind: 'alert', alertId: alert.alertId }) }
}

function draftsOf(alert: Alert, { action, reason, untilMs }: ActOnAlert, nowMs: number): EventDraft[] {
  switch (action) {
    case 'ack': {
      if (untilMs !== null) checkUntil(untilMs, nowMs)
      if (alert.state === 'acked' && isSame(alert, reason, untilMs)) return []
      return [draft('AlertAcked', about(alert), { reason, untilMs })]
    }
    case 'shelve': {
      if (reason === null || untilMs === null)
        throw new ControlError(
          'unprocessable',
          'an alert is shelved with a reason and a time: reason, untilMs',
        )
      checkUntil(untilMs, nowMs)
      if (alert.state === 'shelved' && isSame(alert, reason, untilMs)) return []
      return [draft('AlertShelved', about(alert), { reason, untilMs })]
    }
    case 'unshelve':
      return alert.state === 'raised' ? [] : [draft('AlertReturned', about(alert), { cause: 'asked' })]
  }
}

/** Asked again without saying more than before, an act is the same. */
const isSame = ({ handling }: Alert, reason: string | null, untilMs: number | null): boolean =>
  handling !== undefined && (reason === null || handling.reason === reason) && handling.untilMs === untilMs

/** [AL3] What is put aside must come back. */
function checkUntil(untilMs: number, nowMs: number): void {
  if (untilMs <= nowMs) throw new ControlError('unprocessable', `untilMs ${untilMs} has passed already`)
  if (untilMs <= nowMs + limits.alertShelfMsMax) return
  const days = limits.alertShelfMsMax / (24 * 3600_000)
  throw new ControlError('unprocessable', `untilMs lies more than ${days} days ahead; shelve it again then`)
}

/** [AL4] Its time aside is over and its cause is still there. A stale entry changes nothing. */
export function decideReturn(state: State, alertId: string, nowMs: number): readonly EventDraft[] {
  const alert = state.alert(alertId)
  if (alert === undefined || alert.state === 'cleared') return []
  const untilMs = alert.handling?.untilMs ?? null
  if (untilMs === null || untilMs > nowMs) return []
  return [draft('AlertReturned', about(alert), { cause: 'due' })]
}
