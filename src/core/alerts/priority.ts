import type { Alert } from './alert.js'

/** 1 = act at once, 2 = act soon, 3 = look when there is time. */
export type AlertPriority = 1 | 2 | 3

/** A master of which nobody knows whether its work goes on. */
const cutOff: ReadonlySet<Alert['alertKind']> = new Set(['offline', 'deaf'])

/**
 * [AL1] How urgent an alert is, from its kind and level alone: errors of a master that is cut off before other errors,
 * a stalled task beside those, other warnings last.
 */
export function priorityOf({ alertKind, level }: Pick<Alert, 'alertKind' | 'level'>): AlertPriority {
  if (level === 'error') return cutOff.has(alertKind) ? 1 : 2
  return alertKind === 'stall' ? 2 : 3
}
