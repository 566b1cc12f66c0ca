import { draft, type EventDraft } from '../event.js'
import type { State } from '../state.js'

/** The end of the alert that is open on this root (`alertRoot`); nothing when none is. */
export function clearAlert(state: State, root: string, reason: string): EventDraft[] {
  const alert = state.alert(state.index.openAlert.get(root) ?? '')
  if (alert === undefined) return []
  return [draft('AlertCleared', { kind: 'alert', id: alert.alertId, projectId: alert.projectId }, { reason })]
}
