import { expect, it } from 'vitest'
import { lastOf, minutesOf, sumOf } from './minutes.js'
import { meanOf } from './use-fleet-load.js'

const minute = 60_000

it('nothing that ended is zero, nothing that is known is a hole', () => {
  const river = {
    minutes: [{ atMs: 8 * minute, completed: 3, failed: 1, cancelled: 0 }],
    knownFromMs: 6 * minute + 5,
  }
  const latency = [{ atMs: 8 * minute, waited: { p50: 10, p95: 20 }, ran: { p50: 30, p95: 40 } }]
  const minutes = minutesOf(river, latency, { nowMs: 9 * minute + 30_000, count: 5 })
  expect(minutes).toEqual({
    times: [5, 6, 7, 8, 9].map((each) => each * minute),
    completed: [null, 0, 0, 3, 0],
    failed: [null, 0, 0, 1, 0],
    failedShare: [null, null, null, 0.25, null],
    waitedP50: [null, null, null, 10, null],
    waitedP95: [null, null, null, 20, null],
    ranP50: [null, null, null, 30, null],
    ranP95: [null, null, null, 40, null],
  })
  expect([lastOf(minutes.failedShare), lastOf([]), sumOf(minutes.completed)]).toEqual([0.25, null, 3])
})

it('load of all masters: means, the highest, and the sum of the network; of none nothing is known', () => {
  const sample = (cpu: number) => ({
    workerId: 'm',
    at: 1,
    cpu,
    memory: 0.5,
    disk: cpu,
    networkRxBytesPerS: 10,
    networkTxBytesPerS: 1,
    rttMs: null,
  })
  expect(meanOf([], 5)).toBeNull()
  expect(meanOf([sample(0.25), sample(0.75)], 5)).toEqual({
    at: 5,
    workers: 2,
    cpu: 0.5,
    cpuMax: 0.75,
    memory: 0.5,
    memoryMax: 0.5,
    disk: 0.5,
    diskMax: 0.75,
    networkRxBytesPerS: 20,
    networkTxBytesPerS: 2,
  })
})
