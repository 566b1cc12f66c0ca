import { expect, it } from 'vitest'
import { barsOf } from './attempt-bars.js'
import { aTask } from './fixture.js'

const run = {
  fence: 1,
  workerId: 'master-1',
  agentId: 'master-1/p1',
  outcome: 'exit',
  exitCode: 1,
  signal: null,
  message: null,
}

it('each attempt waits from the end of the one before, the first from the submit', () => {
  const task = aTask('t1', {
    createdAt: 1_000,
    status: 'running',
    attempt: 3,
    startedAt: 9_000,
    attempts: [
      { ...run, attempt: 1, startedAt: 2_000, endedAt: 4_000 },
      { ...run, attempt: 2, startedAt: null, endedAt: 7_000 },
    ],
  })
  const times = barsOf(task, 10_000).map(({ attempt, fromMs, startMs, endMs }) => [
    attempt,
    fromMs,
    startMs,
    endMs,
  ])
  expect(times).toEqual([
    [1, 1_000, 2_000, 4_000],
    [2, 4_000, 7_000, 7_000],
    [3, 7_000, 9_000, 10_000],
  ])
})

it('a task that never ran has no bar', () => {
  expect(barsOf(aTask('t1'), 5_000)).toEqual([])
})
