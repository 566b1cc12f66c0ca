import { describe, expect, it } from 'vitest'
import { anAlert, aWorker } from './fixture.js'
import type { Alert, Connection, Summary, Worker } from './protocol.js'
import { emptyWall } from './store.js'
import { lateMs, stuckIn, verdictOf } from './verdict.js'

const live: Connection = { phase: 'live', user: 'u', role: 'admin', term: 1 }
const lost: Connection = { phase: 'offline', sinceMs: 7, retryAtMs: 0, reason: '' }
const nowMs = 3_600_000

interface Fleet {
  readonly workers?: readonly Worker[]
  readonly alerts?: readonly Alert[]
  readonly connection?: Connection
  readonly summary?: Partial<Summary>
  readonly slow?: readonly string[]
  readonly nodesKnown?: boolean
}
const verdict = ({
  workers = [aWorker('m')],
  alerts = [],
  connection = live,
  summary = {},
  slow = [],
  nodesKnown = true,
}: Fleet) =>
  verdictOf({
    connection,
    nodesKnown,
    workers: Object.fromEntries(workers.map((worker) => [worker.workerId, worker])),
    alerts: Object.fromEntries(alerts.map((alert) => [alert.alertId, alert])),
    summary: { ...emptyWall.summary, ...summary },
    slow,
    nowMs,
  })
const waiting = (reasons: Record<string, number>) => ({
  waiting: { bands: { high: 0, normal: 0, low: 0 }, reasons },
})

it('[WV1] is OK only for a live picture of at least one master', () => {
  expect(verdict({}).state).toBe('ok')
  expect(verdict({ summary: { tasks: { ...emptyWall.summary.tasks, running: 1 } } }).state).toBe('busy')
  expect(verdict({ workers: [] }).state).toBe('nodata')
  expect(verdict({ connection: lost })).toMatchObject({ state: 'nodata', trust: { kind: 'old', sinceMs: 7 } })
  expect(verdict({ connection: { phase: 'stale', sinceMs: 3 } }).state).toBe('nodata')
  expect(verdict({ connection: lost, nodesKnown: false }).trust).toEqual({ kind: 'unknown' })
})

describe('[WV2] what needs a human comes in the order of importance', () => {
  it('tasks first, then masters that are gone, then what no master can run, then what is slow or failed', () => {
    const all = verdict({
      workers: [
        aWorker('a', { status: 'offline' }),
        aWorker('b', { status: 'deaf' }),
        aWorker('c', { status: 'unknown' }),
        aWorker('d'),
      ],
      alerts: [
        anAlert('1'),
        anAlert('2', { kind: 'quarantined', level: 'error', taskId: null, nodeId: 'd' }),
        anAlert('3', { kind: 'quarantined', level: 'error', taskId: null, nodeId: 'd' }),
        anAlert('4', { state: 'acked' }),
        anAlert('5', { kind: 'disk', level: 'error', taskId: null, nodeId: 'd' }),
        anAlert('6', { kind: 'cpu', state: 'shelved', taskId: null, nodeId: 'd' }),
      ],
      slow: ['a', 'd'],
      summary: {
        ...waiting({ no_label: 2 }),
        river: {
          minutes: [{ atMs: nowMs - 60_000, completed: 0, failed: 3, cancelled: 0 }],
          knownFromMs: null,
        },
      },
    })
    expect(all.concerns).toEqual([
      { kind: 'attention', count: 1 },
      { kind: 'down', ids: ['a'] },
      { kind: 'deaf', ids: ['b'] },
      { kind: 'silent', ids: ['c'] },
      { kind: 'quarantined', ids: ['d'] },
      { kind: 'exceeded', count: 1 },
      { kind: 'stuck', count: 2 },
      { kind: 'slow', ids: ['d'] },
      { kind: 'failedLately', count: 3 },
    ])
    expect(all).toMatchObject({ state: 'failed', workers: 4, live: 1 })
  })

  it('tasks that no master can run are a concern; those that wait for their turn are none', () => {
    expect(verdict({ summary: waiting({ no_capability: 1 }) })).toMatchObject({
      state: 'waiting',
      concerns: [{ kind: 'stuck', count: 1 }],
    })
    const turn = { no_slot: 9, no_memory: 1, concurrency: 2, rate: 1, dependency: 3, delayed: 1, '': 4 }
    expect(verdict({ summary: waiting(turn) })).toMatchObject({ state: 'ok', concerns: [] })
    expect(stuckIn(waiting({ worker_offline: 2, cordoned: 3, of_a_newer_leader: 9 }).waiting)).toBe(5)
  })

  it('a failure is late for a quarter of an hour', () => {
    const at = (atMs: number) => ({
      river: { minutes: [{ atMs, completed: 0, failed: 1, cancelled: 0 }], knownFromMs: null },
    })
    expect(verdict({ summary: at(nowMs - lateMs) }).concerns).toHaveLength(1)
    expect(verdict({ summary: at(nowMs - lateMs - 60_000) }).concerns).toHaveLength(0)
  })
})
