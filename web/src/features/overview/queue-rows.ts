import { createSelector } from '@reduxjs/toolkit'
import { type State, workerState } from '../../live/health.js'
import type { StatusCounts } from '../../live/protocol.js'
import { emptyInMs, paceOf } from '../../live/river.js'
import { selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'

/** A master's queue; `workerId` null: what waits and has no master yet. */
export interface QueueRow {
  readonly workerId: string | null
  readonly state: State
  readonly pending: number
  readonly running: number
  readonly failed: number
  /** null: nothing ended of late, so nobody can tell. */
  readonly emptyInMs: number | null
}

const none: StatusCounts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, stalled: 0 }
const urgency: Readonly<Record<State, number>> = { failed: 0, nodata: 1, waiting: 2, busy: 3, ok: 4 }

/** Masters at their places, after what has no master yet. */
export const selectQueueRows = createSelector(
  [selectWorkers, (state: WallState) => state.summary, (_state: WallState, nowMs: number) => nowMs],
  (workers, { byWorker, paces, river, tasks }, nowMs): readonly QueueRow[] => {
    const rows = workers.map((worker): QueueRow => {
      const { pending, running, failed } = byWorker[worker.workerId] ?? none
      const state = workerState(worker)
      const emptyIn = emptyInMs(pending, paces[worker.workerId], nowMs)
      return { workerId: worker.workerId, state, pending, running, failed, emptyInMs: emptyIn }
    })
    const placed = Object.values(byWorker)
    const sum = (of: 'pending' | 'failed') => placed.reduce((total, counts) => total + counts[of], 0)
    const [pending, failed] = [tasks.pending - sum('pending'), tasks.failed - sum('failed')]
    if (pending <= 0 && failed <= 0) return rows
    const emptyIn = emptyInMs(pending, paceOf(river, nowMs), nowMs)
    return [{ workerId: null, state: 'ok', pending, running: 0, failed, emptyInMs: emptyIn }, ...rows]
  },
)

/** Where all have room they keep their places; else what is worst and longest comes first and the rest is counted. */
export function shownRows(
  rows: readonly QueueRow[],
  /** How many rows have room: alone, and beside the line that counts the rest. */
  room: { readonly all: number; readonly besideCount: number },
): { readonly shown: readonly QueueRow[]; readonly hidden: number; readonly hiddenPending: number } {
  if (rows.length <= room.all) return { shown: rows, hidden: 0, hiddenPending: 0 }
  const sorted = [...rows].sort(
    (a, b) =>
      Number(b.workerId === null) - Number(a.workerId === null) ||
      urgency[a.state] - urgency[b.state] ||
      b.pending - a.pending ||
      b.running - a.running,
  )
  const rest = sorted.slice(room.besideCount)
  const hiddenPending = rest.reduce((sum, row) => sum + row.pending, 0)
  return { shown: sorted.slice(0, room.besideCount), hidden: rest.length, hiddenPending }
}
