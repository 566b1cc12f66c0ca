import { idempotencyIndexKey } from '../core/index/indexes.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { BatchItem } from '../core/work/batch.js'

/** The tasks that have left memory and hold one of these items' keys. */
export async function keyHoldersOf(
  clientId: string,
  items: readonly BatchItem[],
  sources: {
    readonly state: State
    readonly keyHolder: (clientId: string, key: string) => Promise<Task | null>
  },
): Promise<Map<string, Task>> {
  const holders = new Map<string, Task>()
  const known = new Set<string>()
  const isCold = (key: string): boolean =>
    !known.has(key) && !sources.state.index.taskByKey.has(idempotencyIndexKey(clientId, key))
  const keys = items.flatMap((item) => (item.kind === 'task' ? (item.spec.idempotencyKey ?? []) : []))
  // A task may leave memory while another one is looked up: what is hot at the last look is hot when it is decided.
  for (let cold = keys.filter(isCold); cold.length > 0; cold = keys.filter(isCold)) {
    for (const key of cold) {
      known.add(key)
      const holder = await sources.keyHolder(clientId, key)
      if (holder !== null) holders.set(key, holder)
    }
  }
  return holders
}
