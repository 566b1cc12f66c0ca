import { born, draft, type EventDraft } from '../event.js'
import type { NodeId } from '../ids.js'
import { alertRoot } from '../index/indexes.js'
import type { State } from '../state.js'
import type { AlertKind } from './alert.js'
import { isSwitchedOff, levelOf } from './rules.js'

/** An alert about a node, or about the fleet (null), unless one of its kind is open or its rule is off. */
export function raise(
  state: State,
  nodeId: NodeId | null,
  alertKind: Exclude<AlertKind, 'stall'>,
  message: string,
): EventDraft[] {
  if (isSwitchedOff(state, alertKind)) return []
  if (state.index.openAlert.has(alertRoot(alertKind, nodeId ?? ''))) return []
  const body = { alertKind, level: levelOf(alertKind), message, taskId: null, nodeId, evidence: null }
  return [draft('AlertRaised', { kind: 'alert', id: born, projectId: null }, body)]
}
