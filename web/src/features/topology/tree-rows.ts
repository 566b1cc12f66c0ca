import { isEdge, type PlannedMaster } from './plan.js'
import type { Sight } from './sight.js'

/** A line of the tree. `position` and `of`: among its siblings, from 1. */
export interface TreeRow {
  readonly id: string
  readonly kind: 'leader' | 'master' | 'agent'
  readonly level: 1 | 2 | 3
  readonly position: number
  readonly of: number
  /** null = nothing hangs below it. */
  readonly isOpen: boolean | null
  readonly isEdge: boolean
}

/**
 * The map as lines, in its order: the leader, its masters, and the agents of those that are open. What a filter looks
 * for is all there is while it looks.
 */
export function treeRows(
  plan: readonly PlannedMaster[],
  sight: Sight,
  options: { readonly leaderId: string; readonly open: ReadonlySet<string> },
): readonly TreeRow[] {
  const found = sight.found === null ? null : new Set(sight.found)
  const isShown = (id: string) => !sight.hidden.has(id) && (found === null || found.has(id))
  const masters = plan
    .map((master) => ({ ...master, agents: master.agents.filter(isShown) }))
    .filter(({ id, agents }) => isShown(id) || agents.length > 0)
  const leader: TreeRow = {
    ...{ id: options.leaderId, kind: 'leader', level: 1, position: 1, of: 1, isEdge: false },
    isOpen: masters.length === 0 ? null : true,
  }
  const rows = masters.flatMap((master, index): TreeRow[] => {
    const { id, agents } = master
    // A find shows what it found without another key.
    const isOpen = agents.length === 0 ? null : options.open.has(id) || found !== null
    const of = masters.length
    const row: TreeRow = {
      id,
      kind: 'master',
      level: 2,
      position: index + 1,
      of,
      isOpen,
      isEdge: isEdge(master),
    }
    const below = isOpen === true ? agents : []
    return [
      row,
      ...below.map(
        (agentId, at): TreeRow => ({
          ...{ id: agentId, kind: 'agent', level: 3, position: at + 1, of: agents.length },
          ...{ isOpen: null, isEdge: false },
        }),
      ),
    ]
  })
  return [leader, ...rows]
}

export type TreeKey = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End'
export type TreeStep =
  | { readonly kind: 'go'; readonly index: number }
  | { readonly kind: 'open' | 'close'; readonly id: string }
  | { readonly kind: 'stay' }

/** What a key does at a line: as the pattern for trees has it. */
export function treeStep(rows: readonly TreeRow[], index: number, key: TreeKey): TreeStep {
  const row = rows[index]
  const go = (to: number): TreeStep =>
    to >= 0 && to < rows.length ? { kind: 'go', index: to } : { kind: 'stay' }
  if (row === undefined) return go(0)
  switch (key) {
    case 'ArrowUp':
      return go(index - 1)
    case 'ArrowDown':
      return go(index + 1)
    case 'Home':
      return go(0)
    case 'End':
      return go(rows.length - 1)
    case 'ArrowRight':
      if (row.kind === 'master' && row.isOpen === false) return { kind: 'open', id: row.id }
      return row.isOpen === true ? go(index + 1) : { kind: 'stay' }
    case 'ArrowLeft':
      if (row.kind === 'master' && row.isOpen === true) return { kind: 'close', id: row.id }
      return go(rows.slice(0, index).findLastIndex(({ level }) => level < row.level))
  }
}
