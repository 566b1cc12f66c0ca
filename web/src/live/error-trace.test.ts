import { expect, it } from 'vitest'
import { errorTrace } from './error-trace.js'
import { aTask } from './fixture.js'
import type { Task } from './protocol.js'

const run = (attempt: number, outcome: string): Task['attempts'][number] => ({
  attempt,
  fence: attempt,
  workerId: 'master-1',
  agentId: 'master-1/p1',
  startedAt: attempt,
  endedAt: attempt + 1,
  outcome,
  exitCode: outcome === 'exit' ? 2 : null,
  signal: null,
  message: null,
})
const failed = (
  taskId: string,
  completedAt: number,
  attempts: Task['attempts'],
  phase: Task['phase'] = 'exit',
) => aTask(taskId, { status: 'failed', phase, completedAt, attempts })
const traceOf = (tasks: readonly Task[], taskId: string) => {
  const find = (id: string) => tasks.find((task) => task.taskId === id)
  const task = find(taskId)
  if (task === undefined) throw new Error('no such task')
  return errorTrace(task, find).map(({ task: at, failures, byDependency }) => [
    at.taskId,
    failures.map(({ outcome }) => outcome),
    byDependency,
  ])
}

it('leads from the run that failed first through dependencies to the task that never ran', () => {
  const tasks = [
    failed('late', 90, [run(1, 'exit')]),
    failed('fetch', 50, [run(1, 'lost'), run(2, 'exit')]),
    { ...failed('build', 60, [], 'dependency_failed'), dependsOn: ['late', 'fetch'] },
    { ...failed('test', 70, [], 'dependency_failed'), dependsOn: ['build'] },
  ]
  expect(traceOf(tasks, 'test')).toEqual([
    ['fetch', ['lost', 'exit'], false],
    ['build', [], true],
    ['test', [], true],
  ])
})

it('of a retry that succeeded it is what went wrong before; of what never failed there is none', () => {
  const done = aTask('t', {
    status: 'completed',
    phase: 'succeeded',
    attempts: [run(1, 'timeout'), run(2, 'succeeded')],
  })
  expect(traceOf([done], 't')).toEqual([['t', ['timeout'], false]])
  expect(traceOf([aTask('t', { status: 'completed', phase: 'succeeded' })], 't')).toEqual([])
  const waits = aTask('w', { phase: 'blocked', dependsOn: ['r'] })
  expect(traceOf([waits, aTask('r', { status: 'running', phase: 'running' })], 'w')).toEqual([])
})

it('ends when the log went in a circle or its source is not held', () => {
  const a = { ...failed('a', 1, [], 'dependency_failed'), dependsOn: ['b'] }
  const b = { ...failed('b', 1, [], 'dependency_failed'), dependsOn: ['a', 'gone'] }
  expect(traceOf([a, b], 'a')).toEqual([
    ['b', [], true],
    ['a', [], true],
  ])
})
