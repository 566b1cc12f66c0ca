import { describe, expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { aLine, anAlert, aReceipt, aTask, aWorker } from './fixture.js'
import { LineRings, SampleRings } from './rings.js'
import { selectPendingAction, selectWorkerIds } from './selectors.js'
import { createWallStore, emptyWall, reduceWall } from './store.js'

const frame = (change: object) => ({ type: 'frame', frame: change }) as const

describe('the reducer', () => {
  it('keeps the identity of every part that a frame does not name', () => {
    const before = reduceWall(emptyWall, frame({ workers: { upsert: [aWorker('master-1')], remove: [] } }))
    const after = reduceWall(before, frame({ alerts: { upsert: [anAlert('a1')], remove: [] } }))
    expect(after.workers).toBe(before.workers)
    expect(after.workers['master-1']).toBe(before.workers['master-1'])
    expect(after.alerts).not.toBe(before.alerts)
  })

  it('knows nothing of the fleet until the first picture of nodes, be it empty', () => {
    expect(emptyWall.nodesKnown).toBe(false)
    expect(reduceWall(emptyWall, frame({ workers: { upsert: [], remove: [] } })).nodesKnown).toBe(true)
  })

  it('removes, and forgets everything when signed out', () => {
    const store = createWallStore()
    store.dispatch(frame({ tasks: { upsert: [aTask('t1'), aTask('t2')], remove: [] } }))
    store.dispatch(frame({ tasks: { upsert: [], remove: ['t1'] } }))
    expect(Object.keys(store.getState().tasks)).toEqual(['t2'])
    store.dispatch({ type: 'cleared' })
    expect(store.getState()).toBe(emptyWall)
  })

  it('keeps at most bounds.receiptsMax receipts, the newest', () => {
    const receipts = Array.from({ length: bounds.receiptsMax + 2 }, (_, index) =>
      aReceipt(`c${index}`, 'done'),
    )
    const state = reduceWall(emptyWall, frame({ receipts }))
    expect(Object.keys(state.receipts)).toHaveLength(bounds.receiptsMax)
    expect(state.receipts.c0).toBeUndefined()
  })
})

describe('selectors', () => {
  it('keep each master at its place, and give the same ids while none joins or leaves', () => {
    const workers = (upsert: readonly string[], remove: readonly string[] = []) =>
      frame({ workers: { upsert: upsert.map((workerId) => aWorker(workerId)), remove } })
    const first = reduceWall(emptyWall, workers(['master-10', 'master-2']))
    expect(selectWorkerIds(first)).toEqual(['master-2', 'master-10'])
    const same = reduceWall(first, workers(['master-10']))
    expect(selectWorkerIds(same)).toBe(selectWorkerIds(first))
    const joined = reduceWall(same, workers(['master-1']))
    expect(selectWorkerIds(joined)).toEqual(['master-2', 'master-10', 'master-1'])
    const back = reduceWall(reduceWall(joined, workers([], ['master-2'])), workers(['master-2']))
    expect(selectWorkerIds(back)).toEqual(['master-2', 'master-10', 'master-1'])
  })

  it('tell which act is under way on a task', () => {
    const command = {
      requestId: 'r1',
      taskId: 't1',
      action: 'pause',
      askedAtMs: 1,
      outcome: { kind: 'asked' },
    }
    const asked = reduceWall(emptyWall, frame({ commands: [command] }))
    expect(selectPendingAction(asked, 't1')).toBe('pause')
    const outcome = { kind: 'receipt', receipt: aReceipt('c1', 'done') }
    const done = reduceWall(asked, frame({ commands: [{ ...command, outcome }] }))
    expect(selectPendingAction(done, 't1')).toBeNull()
  })
})

describe('rings', () => {
  const delta = (change: object) => ({
    reset: false,
    older: [],
    newer: [],
    skipped: 0,
    complete: false,
    ...change,
  })

  it('hold the newest lines and count what left', () => {
    const rings = new LineRings()
    const newer = Array.from({ length: bounds.linesShown + 3 }, (_, index) => aLine('t1', index + 1))
    rings.take({ log: delta({ reset: true, newer }) })
    const shown = rings.of('log').read()
    expect(shown.lines).toHaveLength(bounds.linesShown)
    expect(shown.lines[0]?.n).toBe(4)
    expect(shown.dropped).toBe(3)
  })

  it('put older lines before, and start again on reset', () => {
    const rings = new LineRings()
    const source = rings.of('log')
    let told = 0
    source.subscribe(() => {
      told += 1
    })
    rings.take({ log: delta({ newer: [aLine('t1', 2)] }) })
    rings.take({ log: delta({ older: [aLine('t1', 1)] }) })
    expect(source.read().lines.map((line) => line.n)).toEqual([1, 2])
    rings.take({ log: delta({ reset: true, newer: [aLine('t1', 9)] }) })
    expect(source.read().lines.map((line) => line.n)).toEqual([9])
    expect(told).toBe(3)
  })

  it('hold at most bounds.samplesPerWorker samples of a master', () => {
    const rings = new SampleRings()
    const sample = { cpu: 0, memory: 0, disk: 0, networkRxBytesPerS: 0, networkTxBytesPerS: 0, rttMs: null }
    for (let at = 0; at <= bounds.samplesPerWorker; at += 1)
      rings.take([{ workerId: 'master-1', at, ...sample }])
    const held = rings.of('master-1').read()
    expect(held).toHaveLength(bounds.samplesPerWorker)
    expect(held[0]?.at).toBe(1)
  })
})
