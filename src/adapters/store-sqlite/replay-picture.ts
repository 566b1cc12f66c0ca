import { limits } from '../../core/limits.js'
import { isFinal } from '../../core/receipts/receipt.js'
import { ReplayFold } from '../../core/replay/fold.js'
import { isShownKind, type ShownKind } from '../../core/replay/scope.js'
import type { Entity } from '../../core/state.js'
import type { KeyframeReads } from './replay-keyframes.js'
import { eventsBetween, type ReplayLog } from './replay-log.js'

/** What was there after an event. */
export interface Stood {
  readonly entities: readonly Entity[]
  /** Tasks in memory, in `entities` or not. */
  readonly tasks: number
}

/** Folds what walls show from the newest keyframe at or before `toSeq` up to it, and keeps what a picture has. */
export function stoodAt(
  log: ReplayLog,
  keyframes: KeyframeReads,
  {
    keyframeSeq,
    toSeq,
    touched,
  }: { readonly keyframeSeq: number; readonly toSeq: number; readonly touched: ReadonlySet<string> },
): Stood {
  const start = keyframeSeq === 0 ? { entities: [], finishedTasks: 0 } : keyframes.load(keyframeSeq)
  const fold = new ReplayFold(start.entities, (kind, id) => keyframes.entity(keyframeSeq, kind, id))
  const loadedFinished = [...fold.all('task')].filter(({ state }) => state.phase === 'final').length
  let unloaded = start.finishedTasks - loadedFinished
  for (const { event } of eventsBetween(log, { afterSeq: keyframeSeq, toSeq })) {
    const before = fold.count('task')
    fold.apply(event)
    if (event.type !== 'TasksRetired') continue
    const { completed, failed, cancelled } = event.body.counts
    unloaded -= Math.max(0, completed + failed + cancelled - (before - fold.count('task')))
  }
  return { entities: shownOf(fold, touched), tasks: fold.count('task') + Math.max(0, unloaded) }
}

/** All of the few, of tasks and commands no more than a wall's first picture has, and whatever is `touched` next. */
function shownOf(fold: ReplayFold, touched: ReadonlySet<string>): readonly Entity[] {
  const tasks = cut([...fold.all('task')], limits.wallSnapshotTasksMax, {
    isOver: (task) => task.state.phase === 'final',
    // What runs is part of its master's picture, however old it is.
    isWanted: ({ taskId, state }) => state.phase === 'live' || touched.has(keyOf('task', taskId)),
  })
  const receipts = cut([...fold.all('receipt')], limits.replayReceiptsMax, {
    isOver: isFinal,
    isWanted: ({ commandId }) => touched.has(keyOf('receipt', commandId)),
  })
  const rest = (
    ['cluster', 'node', 'alert', 'work', 'limit', 'schedule', 'template', 'trigger'] as const
  ).flatMap((kind): readonly Entity[] => [...fold.all(kind)])
  return [...rest, ...tasks, ...receipts]
}

/** Unfinished ones first, then the newest. */
function cut<T extends { readonly seq: number }>(
  items: readonly T[],
  max: number,
  { isOver, isWanted }: { readonly isOver: (item: T) => boolean; readonly isWanted: (item: T) => boolean },
): readonly T[] {
  if (items.length <= max) return items
  const rank = (item: T): number => item.seq + (isOver(item) ? 0 : 2 ** 52)
  const sorted = [...items].sort((a, b) => rank(b) - rank(a))
  return sorted.filter((item, index) => index < max || isWanted(item))
}

const keyOf = (kind: ShownKind, id: string): string => `${kind}:${id}`

/** Keys of what these events change. */
export function touchedBy(
  events: Iterable<{ readonly entity: { readonly kind: string; readonly id: string } }>,
): Set<string> {
  const touched = new Set<string>()
  for (const { entity } of events) if (isShownKind(entity.kind)) touched.add(keyOf(entity.kind, entity.id))
  return touched
}
