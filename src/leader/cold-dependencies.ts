import { bornAt } from '../core/ids.js'
import type { State } from '../core/state.js'
import type { Task, TaskSpec } from '../core/tasks/task.js'
import { termsOf } from '../core/tasks/terms.js'
import type { BatchItem } from '../core/work/batch.js'
import type { Views } from '../ports/store.js'

interface Sources {
  readonly state: State
  readonly views: Pick<Views, 'task'>
}

export const dependsOnOf = (specs: readonly TaskSpec[]): readonly string[] => [
  ...new Set(specs.flatMap((spec) => termsOf(spec).dependsOn)),
]

export const specsOf = (items: readonly BatchItem[]): readonly TaskSpec[] =>
  items.flatMap((item) => (item.kind === 'task' ? item.spec : []))

export const areHot = (taskIds: readonly string[], { state }: Pick<Sources, 'state'>): boolean =>
  taskIds.every((id) => state.task(id) !== undefined)

/** Of these tasks those that have left memory. Ones that nobody knows are left out. */
export async function coldDependencies(
  taskIds: readonly string[],
  { state, views }: Sources,
): Promise<readonly Task[]> {
  const looked = new Map<string, Task | null>()
  const isCold = (id: string): boolean => state.task(id) === undefined && !looked.has(id)
  // A task may leave memory while another one is looked up: what is hot at the last look is hot when it is decided.
  for (let cold = taskIds.filter(isCold); cold.length > 0; cold = taskIds.filter(isCold)) {
    for (const id of cold) {
      const bornSeq = bornAt(id)
      looked.set(id, Number.isNaN(bornSeq) || bornSeq > state.headSeq ? null : await views.task(id))
    }
  }
  return [...looked.values()].filter((task) => task !== null)
}
