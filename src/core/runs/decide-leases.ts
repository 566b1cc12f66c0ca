import { draft, type EventDraft } from '../event.js'
import type { Due } from '../index/due.js'
import { changed } from '../nodes/decide.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import type { Task } from '../tasks/task.js'
import { lostEnd } from './end.js'
import { type LeaseFacts, leaseTimes } from './lease.js'

/** Why a node that is connected counts as silent. */
export const renewsNothing = 'it renews no lease'

/**
 * [LS3] Looks at the leases of one node's runs. A run whose lease is over on both sides has ended as `lost`; one that
 * waits (onDisconnect) goes on waiting unless it is cancelled. A node that renews nothing counts as silent.
 */
export function decideLeases(
  state: State,
  due: Due,
  leases: LeaseFacts,
  nowMs: number,
): readonly EventDraft[] {
  const node = state.node(due.id)
  if (node === undefined || !state.index.leaseChecks.take(due)) return []
  const drafts: EventDraft[] = []
  let isOver = false
  let leftMs = Number.POSITIVE_INFINITY
  for (const taskId of [...state.index.slots.tasksOn(node.nodeId)].sort()) {
    const task = state.task(taskId)
    if (task?.state.phase !== 'live' || task.spec.onDisconnect === 'keep') continue
    const { fence } = task.state.run
    const { redispatchMs } = leaseTimes[task.spec.leaseClass]
    const runLeftMs = redispatchMs - leases.silentMs(node.nodeId, fence)
    if (runLeftMs > 0) {
      leftMs = Math.min(leftMs, runLeftMs)
      continue
    }
    isOver = true
    if (!waits(task)) {
      const end = lostEnd(`${node.nodeId} renewed no lease for ${redispatchMs / 1000} s`)
      // Also of one whose stream is still open: whoever renews nothing is gone, until it shows that it is not.
      drafts.push(draft('RunEnded', aboutTask(task), { fence, end, goneIncarnation: node.incarnation }))
    }
  }
  if (leftMs < Number.POSITIVE_INFINITY) {
    state.index.leaseChecks.wantBy(node.nodeId, nowMs + Math.ceil(leftMs))
  }
  // After the ends: only what is left becomes unknown.
  if (isOver && (node.status === 'online' || node.status === 'deaf')) {
    drafts.push(changed(node.nodeId, 'unknown', renewsNothing))
  }
  return drafts
}

const waits = (task: Task): boolean => task.spec.onDisconnect === 'wait' && task.cancelledBy === null
