import { bounds } from './bounds.js'
import type { Frame } from './protocol.js'

/** Ms that the page rests after a frame. A few changes cost none: what a person waits for is one. */
export function pauseMsAfter({ workers, tasks, alerts }: Frame): number {
  const changes = [workers, tasks, alerts].reduce((sum, part) => sum + (part?.upsert.length ?? 0), 0)
  return changes <= bounds.frameChangesFree ? 0 : Math.min(bounds.framePauseMsMax, changes)
}
