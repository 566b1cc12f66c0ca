import { createSelector } from '@reduxjs/toolkit'
import { type AlertGroup, groupAlerts } from './alert-groups.js'
import type { Alert } from './protocol.js'
import type { WallState } from './store.js'

/** How an alert can stand, in the order in which they are looked at. */
export const alertViews = ['raised', 'acked', 'shelved', 'cleared'] as const
export type AlertView = (typeof alertViews)[number]

const selectGroups = createSelector([(state: WallState) => state.alerts], (alerts) =>
  groupAlerts(Object.values(alerts)),
)

/** By the state of their root. Those that are over stand alone, newest first. */
export const selectAlertViews = createSelector(
  [selectGroups, (state: WallState) => state.alerts],
  (groups, alerts): Readonly<Record<AlertView, readonly AlertGroup[]>> => {
    const of = (view: AlertView): readonly AlertGroup[] => groups.filter(({ root }) => root.state === view)
    return { raised: of('raised'), acked: of('acked'), shelved: of('shelved'), cleared: cleared(alerts) }
  },
)

/** What needs a human: raised, and nobody took it on or put it aside. What hangs under another is none. */
export const selectNeedsHuman = createSelector([selectAlertViews], ({ raised }) => raised)

const cleared = (alerts: Readonly<Record<string, Alert>>): readonly AlertGroup[] =>
  Object.values(alerts)
    .filter(({ state }) => state === 'cleared')
    .sort((a, b) => b.changedAt - a.changedAt)
    .map((root) => ({ root, under: [] }))
