import type { LogEvent } from '../event.js'
import type { Limit } from './limit.js'

export function evolveLimit(limit: Limit | undefined, event: LogEvent): Limit | undefined {
  switch (event.type) {
    case 'LimitSet': {
      const { scope, value, runsMax, rate } = event.body
      return {
        kind: 'limit',
        limitId: event.entity.id,
        scope,
        value,
        runsMax,
        rate: rate === null ? null : { count: rate.count, perMs: rate.perMs },
        paused: limit?.removed === false && limit.paused,
        removed: false,
        seq: event.seq,
      }
    }
    case 'LimitPaused':
      return limit === undefined ? undefined : { ...limit, paused: true, seq: event.seq }
    case 'LimitResumed':
      return limit === undefined ? undefined : { ...limit, paused: false, seq: event.seq }
    case 'LimitRemoved':
      return limit === undefined ? undefined : { ...limit, paused: false, removed: true, seq: event.seq }
    default:
      return limit
  }
}
