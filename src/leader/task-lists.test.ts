import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskPage } from '../contract/task.js'
import { bornAt } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { type Entity, install, State } from '../core/state.js'
import { statusOf } from '../core/tasks/status.js'
import type { Task } from '../core/tasks/task.js'
import type { TaskFilter } from '../ports/store.js'
import { Rules } from '../testing/core-fixture.js'
import { sampleCluster, sampleTask } from '../testing/entity-samples.js'
import { ManualClock } from '../testing/manual-clock.js'
import { MemoryViews, ViewsDisk } from '../testing/memory-views.js'
import { Gate } from './gate.js'
import { LeaseBook } from './lease-book.js'
import { Samples } from './samples.js'
import { TaskLists } from './task-lists.js'

function listsOf(state: State, clock = new ManualClock()) {
  const gate = new Gate()
  gate.open(Number.MAX_SAFE_INTEGER)
  const views = new MemoryViews(new ViewsDisk())
  const lists = new TaskLists({ state, gate, views, clock, samples: new Samples(new LeaseBook(clock)) })
  return { lists, views, clock }
}

const pageOf = async (
  lists: TaskLists,
  filter: TaskFilter,
  limit: number,
  cursor: string | null = null,
): Promise<TaskPage> => JSON.parse(await lists.page(filter, { limit, cursor }))

const settle = () => new Promise((resolve) => setImmediate(resolve))

const taskArbitrary = fc.record({
  project: fc.constantFrom('p1', 'p2', 'rare'),
  outcome: fc.constantFrom(null, 'succeeded' as const, 'exit' as const, 'cancelled' as const),
  name: fc.constantFrom('build', 'test'),
  /** Of the tasks that are over: how early it ended. */
  endedAt: fc.integer({ min: 1, max: 1_000 }),
})

const filterArbitrary = fc.record(
  {
    status: fc.constantFrom('pending', 'completed', 'failed', 'cancelled', 'running'),
    project: fc.constantFrom('p1', 'rare', 'none'),
    text: fc.constantFrom('BUI', 't1'),
  },
  { requiredKeys: [] },
)

const matches = (task: Task, { status, project, text }: TaskFilter): boolean =>
  (status === undefined || statusOf(task) === status) &&
  (project === undefined || task.projectId === project) &&
  (text === undefined || `${task.spec.name}\n${task.taskId}`.includes(text.toLowerCase()))

/** A leader's memory and views of these tasks, of which those that ended up to `throughSeq` have retired. */
async function divided(tasks: readonly Task[], throughSeq: number) {
  const retired = { completed: 0, failed: 0, cancelled: 0 }
  const hot: Task[] = []
  for (const task of tasks) {
    const status = statusOf(task)
    if (status === 'pending' || status === 'running' || task.seq > throughSeq) hot.push(task)
    else retired[status] += 1
  }
  const lastSeq = 10_000
  const cluster: Entity = { ...sampleCluster(lastSeq, throughSeq), retired }
  const state = new State()
  install(state, [cluster, ...hot], lastSeq, 0)
  const { lists, views } = listsOf(state)
  await views.project({ fromSeq: 0, toSeq: lastSeq, entities: [cluster, ...tasks] })
  return lists
}

describe('lists of tasks', () => {
  it('[LT1] page through every task once, newest first, wherever it lies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(taskArbitrary, { maxLength: 40 }),
        filterArbitrary,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 3_000 }),
        async (abouts, filter, limit, throughSeq) => {
          const tasks = abouts.map((about, n) =>
            sampleTask(n + 1, 1_000 * (n % 3) + about.endedAt + 50, about),
          )
          const lists = await divided(tasks, throughSeq)
          const expected = tasks.filter((task) => matches(task, filter)).reverse()
          const seen: string[] = []
          let cursor: string | null = null
          do {
            const page = await pageOf(lists, filter, limit, cursor)
            expect(page.total).toBe(expected.length)
            seen.push(...page.tasks.map(({ taskId }) => taskId))
            cursor = page.nextCursor
          } while (cursor !== null)
          expect(seen).toEqual(expected.map(({ taskId }) => taskId))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('[LT3] let turns run between their looks, and are as of when they were asked', async () => {
    const rules = new Rules()
    const count = 2 * limits.listLookMax + 1
    const ids = Array.from({ length: count }, (_, n) => rules.submit({ name: n === 0 ? 'oldest' : 'other' }))
    const { lists, clock } = listsOf(rules.state)
    let answer: TaskPage | null = null
    void pageOf(lists, { text: 'oldest' }, 10).then((page) => {
      answer = page
    })
    for (let turn = 0; turn < 2; turn += 1) {
      await settle()
      expect(answer).toBeNull()
      // A turn between two looks: the oldest is not looked at yet.
      rules.control(ids[turn] ?? '', 'cancel')
      rules.submit({ name: 'oldest too' })
      clock.pass(0)
    }
    await settle()
    expect(answer).toMatchObject({ total: 1, tasks: [{ taskId: ids[0], phase: 'queued' }] })
    expect(await pageOf(lists, {}, 1)).toMatchObject({ total: count + 2, tasks: [{ name: 'oldest too' }] })
  })

  it('[LT3] beyond the limit of such lists, one looks through without a pause', async () => {
    const rules = new Rules()
    for (let n = 0; n <= limits.listLookMax; n += 1) rules.submit({ name: 'a task' })
    const { lists, clock } = listsOf(rules.state)
    const waiting = Array.from({ length: limits.listScansMax }, () => pageOf(lists, { text: 'task' }, 1))
    expect(await pageOf(lists, { text: 'task' }, 1)).toMatchObject({ total: limits.listLookMax + 1 })
    clock.pass(0)
    expect(await Promise.all(waiting)).toHaveLength(limits.listScansMax)
  })

  it('answer the newest, and those of a usual status, without a look at every task', async () => {
    const rules = new Rules()
    const count = limits.listLookMax + 10
    const ids = Array.from({ length: count }, () => rules.submit())
    rules.control(ids[0] ?? '', 'cancel')
    const { lists, clock } = listsOf(rules.state)
    // Nothing moves the clock: none of these pauses.
    expect(await pageOf(lists, {}, 2)).toMatchObject({ total: count, nextCursor: ids.at(-2) })
    const pending = await pageOf(lists, { status: 'pending' }, 2, ids[5])
    expect(pending.tasks.map(({ taskId }) => taskId)).toEqual([ids[4], ids[3]])
    expect(pending.total).toBe(count - 1)
    // A rare one takes more looks.
    const rare = pageOf(lists, { status: 'cancelled' }, 2)
    await settle()
    clock.pass(0)
    expect(await rare).toMatchObject({ total: 1, nextCursor: null, tasks: [{ taskId: ids[0] }] })
    expect(bornAt(ids[0] ?? '')).toBeLessThan(bornAt(ids[1] ?? ''))
  })

  it('refuse a cursor that no list gave', async () => {
    const { lists } = listsOf(new State())
    await expect(lists.page({}, { limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
