import type { EventType, LogEvent } from '../event.js'

/** Something that went wrong at an instant. */
export interface Failure {
  readonly kind: 'task' | 'alert' | 'node'
  readonly id: string
}

/** Types of events that may tell of one. */
export const failureTypes: readonly EventType[] = ['TaskFinished', 'AlertRaised', 'NodeStatusChanged']

/** A task that failed for good, an alert that is an error, a master that is gone; null for all else. */
export function failureOf(event: LogEvent): Failure | null {
  const { id } = event.entity
  switch (event.type) {
    case 'TaskFinished': {
      const { outcome } = event.body
      return outcome === 'succeeded' || outcome === 'cancelled' ? null : { kind: 'task', id }
    }
    case 'AlertRaised':
      return event.body.level === 'error' ? { kind: 'alert', id } : null
    case 'NodeStatusChanged':
      return event.body.status === 'offline' ? { kind: 'node', id } : null
    default:
      return null
  }
}
