import { beforeEach, describe, expect, it } from 'vitest'
import type { Task } from '../../contract/task.js'
import type { RunEnd } from '../../core/runs/run.js'
import type { DurableUpdate } from '../../ports/node-link.js'
import { aLine, aRunningTask, aTask, aWorker } from '../../testing/wall-samples.js'
import { LocalLines } from './local-lines.js'
import { LocalPicture } from './local-picture.js'
import { OwnFacts, type OwnLine } from './own-facts.js'
import { RelayMemory } from './relay-memory.js'

let memory: RelayMemory
let facts: OwnFacts
let picture: LocalPicture
beforeEach(() => {
  memory = new RelayMemory()
  facts = new OwnFacts()
  picture = new LocalPicture({
    nodeId: 'm1',
    memory,
    facts,
    agents: () => [
      { ...agent, agentId: 'm1/p1', status: 'busy', currentTask: 't1' },
      { ...agent, agentId: 'm1/p2' },
    ],
    wallMs: () => 900,
  })
})

const agent = {
  workerId: 'm1',
  kind: 'process',
  windowId: null,
  accountIdx: null,
  status: 'idle',
  currentTask: null,
  createdAt: 1,
} as const
const told = (...tasks: readonly Task[]) => {
  for (const task of tasks) memory.tasks.put(task, 1)
}
const learns = (update: DurableUpdate, atMs = 50) => facts.take({ kind: 'update', atMs, update })
const ref = { taskId: 't1', attempt: 1, fence: 5 }
const end: RunEnd = {
  outcome: 'succeeded',
  exitCode: 0,
  signal: null,
  value: { a: 1 },
  tail: 'done',
  message: null,
  outBytes: 0,
  errBytes: 0,
  progress: 1,
}

describe('what a master shows without its leader', () => {
  it('[OW3] itself as it is now, others as unknown with what was seen of them last', () => {
    const other = { ...agent, workerId: 'm2', agentId: 'm2/p1', status: 'busy', currentTask: 't2' } as const
    memory.workers.put(aWorker('m1', { status: 'unknown', lastSeenAt: 1 }), 1)
    memory.workers.put(aWorker('m2', { lastSeenAt: 7, agents: [other] }), 1)
    const metrics = { cpu: 0.1, memory: 0.2, disk: 0.3, rxBytesPerS: 4, txBytesPerS: 5 }
    facts.take({ kind: 'metrics', atMs: 800, ...metrics })
    expect(picture.items('nodes')).toMatchObject([
      {
        workerId: 'm1',
        status: 'online',
        schedulable: false,
        lastSeenAt: 900,
        busyAgents: 1,
        metrics: { cpu: 0.1, networkRxBytesPerS: 4, at: 800 },
      },
      {
        workerId: 'm2',
        status: 'unknown',
        schedulable: false,
        lastSeenAt: 7,
        agents: [{ status: 'offline' }],
      },
    ])
  })

  it('[OW3] runs of its own go on as it sees them, live runs of others are unknown, what waits still waits', () => {
    told(aRunningTask('t1', 'm1', 5), aRunningTask('t2', 'm2', 6), aTask('t3'), aRunningTask('t4', 'm1', 7))
    learns({ kind: 'run', ...ref, state: 'running', pid: 42 })
    facts.take({
      kind: 'progress',
      ...ref,
      atMs: 60,
      progress: 0.5,
      text: null,
      pid: 42,
      cpuCores: 0,
      memoryBytes: 0,
    })
    learns({ kind: 'run', ...ref, state: 'paused', pid: 42 })
    const tasks = picture.items('tasks') as readonly Task[]
    expect(tasks.map(({ taskId, phase }) => [taskId, phase])).toEqual([
      ['t1', 'paused'],
      ['t2', 'unknown'],
      ['t3', 'queued'],
      // It was given to this master, which never heard of it.
      ['t4', 'unknown'],
    ])
    expect(tasks[0]).toMatchObject({ pid: 42, progress: 0.5, startedAt: 50 })
  })

  it('[OW3] the end of a run of its own is told with its result, and why it failed', () => {
    told(aRunningTask('t1', 'm1', 5))
    learns({ kind: 'ended', ...ref, end }, 70)
    expect(picture.task('t1')).toMatchObject({
      status: 'completed',
      phase: 'succeeded',
      completedAt: 70,
      error: null,
      result: { exitCode: 0, value: { a: 1 }, tail: 'done' },
    })
    learns({ kind: 'ended', ...ref, end: { ...end, outcome: 'exit', exitCode: 3, message: 'exit code 3' } })
    expect(picture.task('t1')).toMatchObject({
      status: 'failed',
      error: { code: 'exit', message: 'exit code 3' },
    })
  })

  it('[OW3] what the leader said of a later run, or of the end of this one, stands', () => {
    learns({ kind: 'run', ...ref, state: 'running', pid: 42 })
    told(aTask('t1', { status: 'failed', phase: 'exit', workerId: 'm1', fence: 5 }))
    expect(picture.task('t1')).toMatchObject({ phase: 'exit' })
    memory.tasks.put(aRunningTask('t1', 'm2', 9), 2)
    expect(picture.task('t1')).toMatchObject({ phase: 'unknown', workerId: 'm2', fence: 9 })
  })

  it('[OW3] an older run of a task does not come back', () => {
    told(aRunningTask('t1', 'm1', 8))
    learns({ kind: 'run', ...ref, fence: 8, state: 'running', pid: 1 })
    learns({ kind: 'ended', ...ref, fence: 5, end })
    expect(picture.task('t1')).toMatchObject({ phase: 'running', fence: 8 })
  })

  it('[OW3] lines go on after the last that the leader told, once each', () => {
    const own = (atMs: number, text: string): OwnLine => ({
      kind: 'line',
      ...ref,
      atMs,
      stream: 'out',
      level: 'info',
      text,
    })
    const lines = new LocalLines(
      'm1',
      [aLine('t1', 6, 30), aLine('t2', 3, 90)],
      [own(20, 'told'), own(40, 'new')],
    )
    expect(lines.add(own(50, 'newer'))).toMatchObject({ n: 8, nodeId: 'm1', text: 'newer' })
    expect(lines.of('t1').map(({ n }) => n)).toEqual([6, 7, 8])
    expect(lines.of(null)).toHaveLength(4)
  })
})
