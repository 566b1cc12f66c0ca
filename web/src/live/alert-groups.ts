import type { Alert } from './protocol.js'

/** An alert and what hangs under it: one dead master is one alarm, however many stalls it makes. */
export interface AlertGroup {
  readonly root: Alert
  readonly under: readonly Alert[]
}

/** What one card shows. `flood`: so many at once that there must be one cause. */
export type AlertCardFacts =
  | { readonly kind: 'group'; readonly group: AlertGroup }
  | { readonly kind: 'flood'; readonly groups: readonly AlertGroup[]; readonly sinceMs: number }

/** More than this many alarms within this time are a flood. */
export const floodAbove = 10
export const floodMs = 10 * 60_000
/** An alert that came back is marked for so long. */
export const returnedMs = 5 * 60_000

/** Of a master that is cut off: whatever else is wrong there comes of it. */
const rootKinds: ReadonlySet<Alert['kind']> = new Set(['offline', 'deaf'])

/** Alerts that are not over, by their root; the most urgent first, then the oldest. */
export function groupAlerts(alerts: readonly Alert[]): readonly AlertGroup[] {
  const open = alerts.filter(({ state }) => state !== 'cleared')
  const rootOf = new Map<string, Alert>()
  for (const alert of open) {
    const known = rootOf.get(alert.nodeId ?? '')
    if (alert.nodeId === null || !rootKinds.has(alert.kind)) continue
    if (known === undefined || alert.raisedAt < known.raisedAt) rootOf.set(alert.nodeId, alert)
  }
  const under = new Map<string, Alert[]>()
  const roots: Alert[] = []
  for (const alert of open) {
    const root = alert.nodeId === null ? undefined : rootOf.get(alert.nodeId)
    if (root === undefined || root === alert) roots.push(alert)
    else under.set(root.alertId, [...(under.get(root.alertId) ?? []), alert])
  }
  return roots
    .sort(byUrgency)
    .map((root) => ({ root, under: (under.get(root.alertId) ?? []).sort(byUrgency) }))
}

/** The most urgent first, then the oldest; ids last, so that nobody jumps. */
const byUrgency = (a: Alert, b: Alert): number =>
  a.priority - b.priority || a.raisedAt - b.raisedAt || a.alertId.localeCompare(b.alertId)

/** Cards of these groups: as they are, but for a flood, which is one card and the first. */
export function cardsOf(groups: readonly AlertGroup[], nowMs: number): readonly AlertCardFacts[] {
  const fresh = groups.filter(({ root }) => nowMs - neededAt(root) < floodMs)
  const isFlood = fresh.length > floodAbove
  const rest = isFlood ? groups.filter((group) => !fresh.includes(group)) : groups
  const cards = rest.map((group): AlertCardFacts => ({ kind: 'group', group }))
  if (!isFlood) return cards
  const sinceMs = Math.min(...fresh.map(({ root }) => neededAt(root)))
  return [{ kind: 'flood', groups: fresh, sinceMs }, ...cards]
}

/** Since when it needs a human. */
export const neededAt = ({ raisedAt, returnedAt }: Alert): number => returnedAt ?? raisedAt

/** Those of these that ended within the same time: they stay in sight for so long. */
export const latelyOver = (groups: readonly AlertGroup[], nowMs: number): readonly AlertGroup[] =>
  groups.filter(({ root }) => root.state === 'cleared' && nowMs - root.changedAt < returnedMs)

/** It came back lately, and nobody took it on since. */
export const isReturned = ({ state, returnedAt }: Alert, nowMs: number): boolean =>
  state === 'raised' && returnedAt !== null && nowMs - returnedAt < returnedMs
