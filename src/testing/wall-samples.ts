import type { Line } from '../contract/line.js'
import type { Task } from '../contract/task.js'
import { taskView, workerView } from '../contract/views.js'
import type { Worker } from '../contract/worker.js'
import { sampleNode, sampleTask } from './entity-samples.js'

/** What walls are told, for tests that do not care about most of it. */

export const aTask = (taskId: string, change: Partial<Task> = {}): Task => ({
  ...taskView(sampleTask(1, 1)),
  taskId,
  ...change,
})

/** A task that runs on this master, by its fence. */
export const aRunningTask = (taskId: string, workerId: string, fence: number): Task =>
  aTask(taskId, { status: 'running', phase: 'running', workerId, agentId: `${workerId}/p1`, fence })

export const aWorker = (workerId: string, change: Partial<Worker> = {}): Worker => ({
  ...workerView(sampleNode(workerId, 1), {
    rttMs: 1,
    metrics: null,
    lastSeenAtMs: 1,
    taskOf: () => null,
  }),
  ...change,
})

export const aLine = (taskId: string, n: number, at = n): Line => ({
  taskId,
  attempt: 1,
  fence: 5,
  n,
  at,
  nodeId: 'm1',
  stream: 'out',
  level: 'info',
  text: `line ${n}`,
})
