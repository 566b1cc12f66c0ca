import { expect, it } from 'vitest'
import { taskView } from '../../../src/contract/views.js'
import { phaseOf } from '../../../src/core/tasks/status.js'
import { Reasons } from '../../../src/core/why/reasons.js'
import { matcherOf, type WorkFilter } from '../../../src/core/work/filter.js'
import { endOf, Rules } from '../../../src/testing/core-fixture.js'
import { actsFilterOf } from './acts-filter.js'
import type { TaskQuery } from './protocol.js'
import { TaskBook } from './task-book.js'
import { anyTask } from './task-query.js'

/** Tasks in many phases, with and without masters, bands, reasons and words of their own. */
function fleet(): Rules {
  const rules = new Rules()
  rules.join('master-1', { slots: 3 })
  rules.join('master-2')
  const bound = { accountIdx: null, workerId: 'master-2' as never, timeout: 0 }
  rules.running(rules.submit({ name: 'nightly build', payload: { command: ['make', 'All'] } }))
  rules.ended(rules.submit({ name: 'nightly test', priority: 9 }), endOf('succeeded'))
  rules.ended(
    rules.submit({ name: 'broken', retry: { attemptsMax: 1, on: [], backoffMs: 0 } }),
    endOf('exit', { exitCode: 1 }),
  )
  const once = { attemptsMax: 2, on: ['exit' as const], backoffMs: 60_000 }
  rules.ended(rules.submit({ name: 'put off', retry: once }), endOf('exit', { exitCode: 1 }))
  rules.running(rules.submit({ name: 'bound', requirements: bound }))
  for (const priority of [1, 3, 4, 7, 8, 10]) {
    rules.submit({ name: `bound and waits ${priority}`, priority, requirements: bound })
    rules.submit({ name: `nobody can ${priority}`, priority, type: 'strange', payload: {} })
  }
  rules.control(rules.submit({ name: 'cancelled', type: 'strange' }), 'cancel')
  return rules
}

it('[WI17] an act on all that match reaches what the wall lists, and nothing else', () => {
  const { state } = fleet()
  const book = new TaskBook()
  const reasons = new Reasons(state)
  const tasks = [...state.tables.task.values()]
  expect(new Set(tasks.map(phaseOf)).size).toBeGreaterThanOrEqual(6)
  for (const task of tasks) {
    const facts = { samples: { pid: null, progress: null, partial: null, leaseUntilMs: null } }
    book.put(taskView(task, { ...facts, waitReason: reasons.of(task) }), task.seq)
  }
  const parts: Partial<TaskQuery>[] = [
    ...(['pending', 'running', 'completed', 'failed', 'cancelled'] as const).map((status) => ({
      statuses: [status],
    })),
    ...(['high', 'normal', 'low'] as const).map((band) => ({ band })),
    ...['master-1', 'master-2'].map((workerId) => ({ workerId })),
    ...['no_capability', 'no_slot', 'delayed'].map((reason) => ({ reason })),
    ...['NIGHTLY', 'build nightly', 'make all', 'strange waits', 'master-2 bound', 'exit'].map((text) => ({
      text,
    })),
    { phases: ['delayed'] },
  ]
  let found = 0
  for (const one of parts) {
    for (const other of parts) {
      const query: TaskQuery = { ...anyTask, ...one, ...other, limit: 200 }
      const filter = actsFilterOf(query)
      expect(filter).not.toBeNull()
      const reached = tasks.filter(matcherOf(filter as WorkFilter, state)).map(({ taskId }) => taskId)
      expect(reached.sort(), JSON.stringify(filter)).toEqual([...book.list(query).ids].sort())
      found += reached.length
    }
  }
  expect(found).toBeGreaterThan(200)
})

it('offers nothing where the list narrows nothing, or by what an act cannot say', () => {
  expect(actsFilterOf(anyTask)).toBeNull()
  expect(actsFilterOf({ ...anyTask, text: '  ' })).toBeNull()
  expect(actsFilterOf({ ...anyTask, statuses: ['pending', 'running'] })).toBeNull()
  expect(actsFilterOf({ ...anyTask, reason: 'a reason of a newer leader' })).toBeNull()
})
