import { createSelector } from '@reduxjs/toolkit'
import { isFinalReceipt } from './command-book.js'
import type { CommandState, Task, TaskAction, TaskList, Worker } from './protocol.js'
import type { WallState } from './store.js'
import { verdictOf } from './verdict.js'

const noIds: readonly string[] = []

/** Masters, each at its place. */
export const selectWorkers = createSelector(
  [(state: WallState) => state.workers, (state: WallState) => state.places],
  (workers, places): readonly Worker[] => places.flatMap((workerId) => workers[workerId] ?? []),
)

/** Ids only: the same array as long as no master joins or leaves. */
export const selectWorkerIds = createSelector(
  [selectWorkers],
  (workers) => workers.map((worker) => worker.workerId),
  { memoizeOptions: { resultEqualityCheck: sameItems } },
)

export const selectList = (state: WallState, key: string): TaskList | undefined => state.lists[key]
export const selectListIds = (state: WallState, key: string): readonly string[] =>
  state.lists[key]?.ids ?? noIds
export const selectTask = (state: WallState, taskId: string): Task | undefined => state.tasks[taskId]

/** `nowMs` in whole minutes, so that it is made anew only when something changed. */
export const selectVerdict = createSelector(
  [
    (state: WallState) => state.connection,
    (state: WallState) => state.nodesKnown,
    (state: WallState) => state.workers,
    (state: WallState) => state.alerts,
    (state: WallState) => state.summary,
    (state: WallState) => state.slow,
    (_state: WallState, nowMs: number) => Math.floor(nowMs / 60_000) * 60_000,
  ],
  (connection, nodesKnown, workers, alerts, summary, slow, nowMs) =>
    verdictOf({ connection, nodesKnown, workers, alerts, summary, slow, nowMs }),
)

/** Batches and bulk acts under way; mere counts are none. */
export const selectWorkRunning = createSelector(
  [(state: WallState) => state.work],
  (work): number => Object.values(work ?? {}).filter((one) => one.state === 'running' && !one.dryRun).length,
)

/** False: this person may look only. While the link is down nothing is refused here; nothing can be sent either. */
export const selectMayAct = ({ connection }: WallState): boolean =>
  !('role' in connection) || connection.role !== 'viewer'

/** The same, and what is shown is the present. */
export const selectActsNow = (state: WallState): boolean => selectMayAct(state) && state.replay === null

/** The action on a task that this page asked for and that is not over yet. */
export function selectPendingAction(state: WallState, taskId: string): TaskAction | null {
  for (const command of Object.values(state.commands)) {
    if (command.taskId === taskId && isPending(command)) return command.action
  }
  return null
}

export function isPending({ outcome }: CommandState): boolean {
  return outcome.kind === 'asked' || (outcome.kind === 'receipt' && !isFinalReceipt(outcome.receipt))
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
