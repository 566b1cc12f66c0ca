import { limits } from '../limits.js'
import type { Trigger } from './trigger.js'

const minuteMs = 60_000

/** Start of the minute that a task made now counts in: it begins with the first one after the minute before. */
export const minuteOf = ({ fires }: Pick<Trigger, 'fires'>, nowMs: number): number =>
  nowMs - fires.sinceMs < minuteMs ? fires.sinceMs : nowMs

export const firesInMinute = ({ fires }: Pick<Trigger, 'fires'>, nowMs: number): number =>
  nowMs - fires.sinceMs < minuteMs ? fires.count : 0

const firesPerMinuteMaxOf = ({ definition }: Pick<Trigger, 'definition'>): number =>
  definition.firesPerMinuteMax ?? limits.triggerFiresPerMinuteMax

/** [TG8] Why it makes no task now, when it has made as many as it may, with `more` under way; null = it may. */
export function overRate(trigger: Trigger, nowMs: number, more = 0): string | null {
  const max = firesPerMinuteMaxOf(trigger)
  if (firesInMinute(trigger, nowMs) + more < max) return null
  return `it has made ${max} tasks within a minute, as many as it may; this event made none`
}
