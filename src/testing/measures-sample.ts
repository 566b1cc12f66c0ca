import { durationBoundsS, type Measures, type WorkerMeasures } from '../ports/measures.js'

export const workerMeasures = (workerId: string, changes: Partial<WorkerMeasures> = {}): WorkerMeasures => ({
  workerId,
  isUp: true,
  agents: 10,
  busyAgents: 2,
  rttMs: 4,
  load: { cpu: 0.42, memory: 0.31, disk: 0.7, rxBytesPerS: 100, txBytesPerS: 50 },
  ...changes,
})

const durations = (counts: readonly number[], sumS: number) => ({
  counts: [...counts, ...Array<number>(durationBoundsS.length + 1 - counts.length).fill(0)],
  sumS,
})

export const measuresSample = (changes: Partial<Measures> = {}): Measures => ({
  term: 3,
  seq: 900,
  workersByStatus: { online: 1, deaf: 0, unknown: 0, offline: 1 },
  agentsByStatus: { idle: 8, busy: 2, error: 0, offline: 10 },
  tasksByStatus: { pending: 4, running: 2, completed: 7, failed: 1, cancelled: 0 },
  submitted: 14,
  ended: { completed: 7, failed: 1, cancelled: 0 },
  durations: {
    completed: durations([3, 0, 4], 0.4),
    failed: durations([0, 0, 0, 0, 1], 0.9),
    cancelled: durations([], 0),
  },
  openAlertsByLevel: { error: 1, warning: 0 },
  walls: 2,
  workers: [workerMeasures('master-1'), workerMeasures('master-2', { isUp: false, load: null, rttMs: null })],
  ...changes,
})
