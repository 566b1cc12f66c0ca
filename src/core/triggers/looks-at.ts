import type { EventOf, LogEvent } from '../event.js'
import type { TriggerOn } from './trigger.js'

/** Events that triggers look at. */
export type TriggerEvent = EventOf<'TaskFinished' | 'AlertRaised' | 'NodeRegistered'>

export const triggerEventTypes: readonly TriggerEvent['type'][] = [
  'TaskFinished',
  'AlertRaised',
  'NodeRegistered',
]

export const isTriggerEvent = (event: LogEvent): event is TriggerEvent => lookedAtBy(event) !== null

/** Which triggers look at an event; null = none ever does. */
export function lookedAtBy(event: LogEvent): TriggerOn | null {
  switch (event.type) {
    case 'TaskFinished':
      return 'task_finished'
    case 'AlertRaised':
      return 'alert_raised'
    case 'NodeRegistered':
      return event.body.joined === undefined ? null : 'node_joined'
    default:
      return null
  }
}
