import type { State } from '../../live/health.js'
import type { Alert } from '../../live/protocol.js'
import type { Translate } from '../../ui/translation.js'

/** An alert that is over, or put aside, is not amber any more. */
export function alertState(alert: Alert): State {
  if (alert.state === 'cleared' || alert.state === 'shelved') return 'ok'
  return alert.level === 'error' ? 'failed' : 'waiting'
}

export function alertTitle(alert: Alert, t: Translate): string {
  return t(`alert.${alert.kind}`)
}
