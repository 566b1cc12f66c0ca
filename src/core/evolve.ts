import { evolveCredential } from './access/evolve.js'
import { evolveAlert } from './alerts/evolve.js'
import { evolveCluster } from './cluster/evolve.js'
import type { EntityKind, LogEvent } from './event.js'
import { evolveNode, evolveUplink } from './nodes/evolve.js'
import { evolveReceipt } from './receipts/evolve.js'
import { evolveLimit } from './run-limits/evolve.js'
import { evolveSchedule } from './schedules/evolve.js'
import type { Entity } from './state.js'
import { evolveTask } from './tasks/evolve.js'
import { evolveTemplate } from './templates/evolve.js'
import { evolveTrigger } from './triggers/evolve.js'
import { evolveWork } from './work/evolve.js'

/**
 * One entity after one event: handles it alone, reads no other, keeps no reference into the event, never throws.
 * An event that does not fit the entity leaves it as it is. `kind` is the event's own entity unless the fold of
 * the origin (`uplink`) is asked for.
 */
export function evolve(
  entity: Entity | undefined,
  event: LogEvent,
  kind: EntityKind = event.entity.kind,
): Entity | undefined {
  switch (kind) {
    case 'cluster':
      return evolveCluster(entity?.kind === 'cluster' ? entity : undefined, event)
    case 'task':
      return evolveTask(entity?.kind === 'task' ? entity : undefined, event)
    case 'node':
      return evolveNode(entity?.kind === 'node' ? entity : undefined, event)
    case 'uplink':
      return evolveUplink(entity?.kind === 'uplink' ? entity : undefined, event)
    case 'alert':
      return evolveAlert(entity?.kind === 'alert' ? entity : undefined, event)
    case 'receipt':
      return evolveReceipt(entity?.kind === 'receipt' ? entity : undefined, event)
    case 'credential':
      return evolveCredential(entity?.kind === 'credential' ? entity : undefined, event)
    case 'work':
      return evolveWork(entity?.kind === 'work' ? entity : undefined, event)
    case 'limit':
      return evolveLimit(entity?.kind === 'limit' ? entity : undefined, event)
    case 'schedule':
      return evolveSchedule(entity?.kind === 'schedule' ? entity : undefined, event)
    case 'template':
      return evolveTemplate(entity?.kind === 'template' ? entity : undefined, event)
    case 'trigger':
      return evolveTrigger(entity?.kind === 'trigger' ? entity : undefined, event)
  }
}
