import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { builtInRetention, type Retention } from '../core/retention/retention.js'
import { type Entity, install, State } from '../core/state.js'
import { Rules } from '../testing/core-fixture.js'
import { sampleCluster, sampleTask } from '../testing/entity-samples.js'
import { ManualClock } from '../testing/manual-clock.js'
import { JournalDisk, MemoryJournal } from '../testing/memory-journal.js'
import { MemoryStreams, StreamsDisk } from '../testing/memory-streams.js'
import { MemoryViews, ViewsDisk } from '../testing/memory-views.js'
import { silentLog } from '../testing/silent-log.js'
import { Housekeeping } from './housekeeping.js'
import { Projector } from './projector.js'

function housekeepingOf(state: State, projectedSeq: number, stored: readonly Entity[] = []): Housekeeping {
  const clock = new ManualClock()
  const disk = new ViewsDisk()
  disk.batches.push({ toSeq: projectedSeq, entities: stored, configEvents: [] })
  const views = new MemoryViews(disk)
  const onFatal = (reason: string, cause: unknown) => {
    throw new Error(reason, { cause })
  }
  const projector = new Projector({
    views,
    log: silentLog,
    clock,
    projectedSeq,
    keyframeSeq: 0,
    keptMs: () => limits.journalKeptMs,
    onFatal,
  })
  const journal = new MemoryJournal(new JournalDisk({ clusterId: 'c', logId: 'l' }))
  const streams = new MemoryStreams(new StreamsDisk())
  return new Housekeeping({ state, journal, views, streams, clock, log: silentLog, projector, onFatal })
}

it('[ID2] [ID4] loads the keys of what retired behind its start, also where the views do not know of it yet', async () => {
  const cluster = sampleCluster(40, 20)
  const about = { outcome: 'succeeded', clientId: 'ann' } as const
  const tasks = [
    sampleTask(1, 11, { ...about, idempotencyKey: 'retired' }),
    sampleTask(2, 30, { ...about, idempotencyKey: 'kept' }),
  ]
  const state = new State()
  install(state, [cluster], 40, 0)
  const housekeeping = housekeepingOf(state, 40, tasks)
  const { retiredKeys } = housekeeping
  housekeeping.start()
  expect(retiredKeys.mayHold('ann', 'any')).toBe(true)
  await housekeeping.settled()
  expect(['retired', 'kept', 'any'].map((key) => retiredKeys.mayHold('ann', key))).toEqual([
    true,
    false,
    false,
  ])
  housekeeping.stop()
})

it('[LT2] retires nothing before the views know that a task was opened again', async () => {
  const rules = new Rules()
  const count = limits.tasksFinishedKept + limits.tasksRetireSlack + 1
  const ids = Array.from({ length: count }, () => rules.submit())
  for (const taskId of ids) rules.control(taskId, 'cancel')
  const { state } = rules
  const projectedSeq = state.headSeq
  rules.control(ids[0] ?? '', 'retry')
  expect(housekeepingOf(state, projectedSeq).whenQuiet()).toBeNull()
  expect(housekeepingOf(state, state.headSeq).whenQuiet()).toMatchObject({
    command: { name: 'retire_tasks' },
  })
})

it('[TU13] retires at most so many tasks at once, the oldest first, until the slack is left', () => {
  const rules = new Rules()
  const excess = limits.tasksRetireMax + limits.tasksRetireSlack
  const ids = Array.from({ length: limits.tasksFinishedKept + excess }, () => rules.submit())
  for (const taskId of ids) rules.control(taskId, 'cancel')
  const { state } = rules
  const housekeeping = housekeepingOf(state, state.headSeq)
  const retired: number[] = []
  for (let input = housekeeping.whenQuiet(); input !== null; input = housekeeping.whenQuiet()) {
    const before = state.tables.task.size
    rules.system(input.command)
    retired.push(before - state.tables.task.size)
    const gone = ids.length - state.tables.task.size
    expect([state.task(ids[gone - 1] ?? ''), state.task(ids[gone] ?? '')]).toEqual([
      undefined,
      expect.anything(),
    ])
  }
  expect(retired).toEqual([limits.tasksRetireMax, limits.tasksRetireSlack])
})

const settle = () => new Promise((resolve) => setImmediate(resolve))

const retentions: readonly [string, number, Partial<Retention> | undefined][] = [
  ['as built in', limits.journalKeptMs, undefined],
  ['as chosen', limits.journalKeptMsMin, { journalMs: limits.journalKeptMsMin }],
]
it.each(retentions)(
  '[JN7] [RT2] deletes between groups what no keyframe needs: %s',
  async (_, keptMs, chosen) => {
    const clock = new ManualClock(keptMs + 1)
    const state = new State()
    if (chosen !== undefined) {
      const retention = { ...builtInRetention, ...chosen }
      install(state, [{ ...sampleCluster(1, 0), retention }], 1, 0)
    }
    const disk = new JournalDisk({ clusterId: 'c', logId: 'l' })
    const journal = new MemoryJournal(disk)
    const count = 3 * limits.retentionRowsPerStep
    const events = Array.from({ length: count }, (_, n) => ({ seq: n + 1, atMs: 0, json: '{}' }))
    await journal.takeOver({ term: 1, firstSeq: 1, events }, 0)
    const keyframeSeq = 2 * limits.retentionRowsPerStep + 1
    const views = new MemoryViews(new ViewsDisk())
    const onFatal = (reason: string, cause: unknown) => {
      throw new Error(reason, { cause })
    }
    const projector = new Projector({
      views,
      log: silentLog,
      clock,
      projectedSeq: count,
      keyframeSeq,
      keptMs: () => keptMs,
      onFatal,
    })
    const housekeeping = new Housekeeping({
      state,
      journal,
      views,
      streams: new MemoryStreams(new StreamsDisk()),
      clock,
      log: silentLog,
      projector,
      onFatal,
    })
    housekeeping.start()
    clock.pass(limits.housekeepingMs)
    await settle()
    expect(disk.firstSeq).toBe(limits.retentionRowsPerStep + 1)
    for (let turn = 0; turn < 3; turn += 1) {
      clock.pass(0)
      await settle()
    }
    expect(disk.firstSeq).toBe(keyframeSeq)
    housekeeping.stop()
    await housekeeping.settled()
  },
)
