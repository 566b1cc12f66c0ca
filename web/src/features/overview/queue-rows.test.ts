import { describe, expect, it } from 'vitest'
import { aWorker } from '../../live/fixture.js'
import { emptyWall, type WallState } from '../../live/store.js'
import { selectQueueRows, shownRows } from './queue-rows.js'

const counts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, stalled: 0 }
const wall = (summary: Partial<WallState['summary']>): WallState => ({
  ...emptyWall,
  workers: { a: aWorker('a'), b: aWorker('b', { status: 'offline' }) },
  places: ['a', 'b'],
  summary: { ...emptyWall.summary, ...summary },
})

describe('[WV4] queues per master', () => {
  it('have a time to empty by the pace of the master, or none', () => {
    const rows = selectQueueRows(
      wall({
        tasks: { ...counts, pending: 14 },
        byWorker: { a: { ...counts, pending: 10 }, b: { ...counts, pending: 4 } },
        paces: { a: { ended: 5, fromMs: 0 } },
      }),
      60_000,
    )
    expect(rows.map(({ workerId, emptyInMs }) => [workerId, emptyInMs])).toEqual([
      ['a', 120_000],
      ['b', null],
    ])
  })

  it('begin with what has no master yet', () => {
    const rows = selectQueueRows(
      wall({ tasks: { ...counts, pending: 9, failed: 1 }, byWorker: { a: { ...counts, pending: 2 } } }),
      0,
    )
    expect(rows[0]).toMatchObject({ workerId: null, pending: 7, failed: 1 })
  })

  it('that do not fit are counted, and those in trouble or longest are shown', () => {
    const row = (workerId: string, pending: number, state: 'ok' | 'failed' = 'ok') => ({
      workerId,
      state,
      pending,
      running: 0,
      failed: 0,
      emptyInMs: null,
    })
    const rows = [row('a', 1), row('b', 9), row('c', 0, 'failed'), row('d', 5)]
    const cut = shownRows(rows, { all: 3, besideCount: 2 })
    expect(cut.shown.map(({ workerId }) => workerId)).toEqual(['c', 'b'])
    expect(cut).toMatchObject({ hidden: 2, hiddenPending: 6 })
    expect(shownRows(rows, { all: 4, besideCount: 3 })).toEqual({ shown: rows, hidden: 0, hiddenPending: 0 })
  })
})
