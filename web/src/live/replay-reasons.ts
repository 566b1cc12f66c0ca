import type { ReplayFold } from '../../../src/core/replay/fold.js'
import { type Entity, install, State } from '../../../src/core/state.js'
import { Reasons } from '../../../src/core/why/reasons.js'
import type { WaitReason } from '../../../src/core/why/wait-reason.js'

/** Kinds that say why something waits. */
const kinds = ['cluster', 'node', 'task', 'limit', 'schedule', 'template', 'trigger'] as const

/**
 * Why each task that waited did so, by the rules themselves on what was there. Of tasks that a picture left out nothing is
 * known, so who is next may be told otherwise than it was.
 */
export function reasonsAt(
  fold: ReplayFold,
  at: { readonly seq: number; readonly atMs: number },
): ReadonlyMap<string, WaitReason> {
  const state = new State()
  install(
    state,
    kinds.flatMap((kind): readonly Entity[] => [...fold.all(kind)]),
    at.seq,
    at.atMs,
  )
  const reasons = new Reasons(state)
  const found = new Map<string, WaitReason>()
  for (const task of fold.all('task')) {
    const reason = task.state.phase === 'final' ? null : reasons.of(task)
    if (reason !== null) found.set(task.taskId, reason)
  }
  return found
}
